#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// A link as it was archived.
struct ArchivedSisLink {
  struct Range {
    uint64_t offset = 0;
    uint64_t length_bytes = 0;
  };

  std::string path;
  std::string reparse;
  bool is_regular = true;
  bool is_sparse = true;   ///< has the attribute
  bool is_reparse = true;  ///< has the attribute
  bool has_extended_attributes = false;
  uint64_t size_bytes = 0;
  std::vector<Range> allocated;
  std::vector<std::string> needed;  ///< names of store files: its edges
};

/// A store file as it was archived.
struct ArchivedSisStoreFile {
  std::string path;
  uint64_t size_bytes = 0;
  std::string digest;  ///< of its contents; empty if not known
};

/// The rule of a finding.
enum class SisRule {
  kReparseData,    ///< tag and lengths of the reparse buffer
  kAttributes,     ///< a regular file, sparse, with a reparse point
  kRanges,         ///< allocated ranges ascend inside the size
  kUnresolvable,   ///< each edge leads to a store file
  kStoredTwice,    ///< a store file comes once in a pass
  kOtherContents,  ///< one name has one content, everywhere
  kSize,           ///< link and store file have one size
  kLayout,         ///< the layout that is known
  kEa,             ///< no extended attributes
  kPartial,        ///< no data of the link's own
};

struct SisFinding {
  SisRule rule = SisRule::kReparseData;
  std::string subject;  ///< path of the link or store file
  Finding finding;      ///< offset: in the reparse data or the file

  bool operator==(const SisFinding&) const = default;
};

/// Holds archived links and store files, as they come, against what a restore needs: one pass after
/// the other, in which links find the store files of this pass and those before. Store files go by
/// name, whatever their directory. Memory: the store files, and the links of a pass whose store
/// file has not come. Single-thread.
class SisCheck {
 public:
  using Take = std::function<void(const SisFinding&)>;
  explicit SisCheck(Take take) : take_(std::move(take)) {}

  void AddStoreFile(const ArchivedSisStoreFile& file);
  void AddLink(const ArchivedSisLink& link);
  /// All of a pass has come; `whole` false: only a part, so that store files may be elsewhere.
  void EndPass(bool whole = true);

 private:
  struct Waiting {
    std::string path;
    uint64_t size_bytes = 0;
    std::vector<std::string> needed;
  };

  void Add(SisRule rule, const std::string& subject, Severity severity, std::string text,
           uint64_t offset = 0) const;
  void CheckReparseData(const ArchivedSisLink& link) const;
  void CheckAttributes(const ArchivedSisLink& link) const;
  void CheckRanges(const ArchivedSisLink& link) const;
  bool AllAreThere(const std::vector<std::string>& needed) const;
  void CheckEdges(const Waiting& link) const;

  Take take_;
  std::set<std::string> stored_;  ///< names, in this pass
  std::map<std::string, ArchivedSisStoreFile> by_name_;
  std::vector<Waiting> waiting_;
};

}  // namespace tapir
