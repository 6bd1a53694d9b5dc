#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/wildcard.h"

namespace tapir {

/// A file on a volume of Windows, as rules see it.
struct RuledPath {
  std::optional<char16_t> drive;  ///< letter in upper case, if the volume has one
  std::u16string path;            ///< from the root, components joined by '\', upper case
  bool is_directory = false;
};

/// A path of the format, from the root of its volume. Nothing if it is not WTF-8.
std::optional<RuledPath> MakeRuledPath(std::string_view path, std::optional<char16_t> drive,
                                       bool is_directory);

/// One place that an entry of FilesNotToBackup or FilesNotToSnapshot means (Registry Keys and
/// Values for Backup and Restore; Excluding Files from Shadow Copies).
class FileRule {
 public:
  FileRule(std::optional<char16_t> drive, std::u16string directory, std::u16string_view name,
           bool below, Wildcard::Mode mode);

  /// A name without wildcards takes a directory with all that is below; one with wildcards takes
  /// files.
  bool Takes(const RuledPath& path) const;
  /// Above or in which the files are, in the form of RuledPath; empty: the root.
  const std::u16string& directory() const { return directory_; }
  /// They may be in directories below that one, too.
  bool below() const { return below_; }

 private:
  bool IsDirectory(std::u16string_view parent) const;

  std::optional<char16_t> drive_;  ///< nothing: every volume
  std::u16string directory_;       ///< as in RuledPath
  Wildcard name_;
  bool below_;
};

/// What turns the text of an entry into places.
struct RuleContext {
  /// The value of an environment variable; names in any case.
  std::function<std::optional<std::string>(std::string_view name)> variable;
  /// Profile directories, for $UserProfile$; empty also where its expansion is disabled.
  std::vector<std::string> profiles;
  bool for_snapshots = false;  ///< $UserProfile$ and $AllVolumes$ have a meaning
  Wildcard::Mode mode = Wildcard::Mode::kWin32;
};

/// An entry that was read. It may stand for several places, or for none.
struct ParsedRule {
  std::vector<FileRule> rules;
  std::string warning;  ///< why it stands for none; empty if nothing is wrong
};

ParsedRule ParseFileRule(std::string_view text, const RuleContext& context);

}  // namespace tapir
