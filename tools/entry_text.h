#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/jobs/list_job.h"
#include "tools/json.h"

namespace tapir::cli {

/// "file", "directory", ... as JSON has it.
std::string_view TypeName(ObjectType type);

/// Remembers paths so that hard links can be shown with the path they link to: primaries stand
/// before their links in a session. Takes the paths and eight bytes each.
class PathMemory {
 public:
  void Remember(const ListedEntry& listed);
  /// Where a hard link leads to; empty if that was not listed.
  std::string_view PrimaryOf(const ListedEntry& link) const;

 private:
  struct Place {
    uint64_t ordinal = 0;
    size_t begin = 0;
  };
  struct Session {
    std::vector<Place> places;  ///< by ordinal; each path ends where the next one begins
    std::string paths;
  };
  /// By number, and by volume: ordinals count anew on each.
  std::map<std::pair<uint32_t, uint32_t>, Session> sessions_;
};

/// `primary`: where a hard link leads to, if known.
Json EntryAsObject(const ListedEntry& listed, std::string_view primary);

/// Lines such as "-rw-r--r-- 1000/1000  4096 2026-05-01 12:30:59 docs/a.txt". Columns grow with
/// what they hold.
class LongLines {
 public:
  /// `escape`: for a terminal. `with_session`: the number of the session comes first.
  LongLines(bool escape, bool with_session) : escape_(escape), with_session_(with_session) {}

  void Append(std::string& out, const ListedEntry& listed, std::string_view primary);

 private:
  void AppendName(std::string& out, std::string_view name) const;

  const bool escape_;
  const bool with_session_;
  size_t owner_and_size_width_ = 0;
};

enum class DigestKind { kXxh128, kSha256 };

/// Whether contents have a digest of this kind that tools for sums can check: regular files only,
/// and not the map form of very sparse ones (format chapter 5.7). `with_sha256`: the session has
/// them.
bool HasPlainDigest(const Entry& entry, DigestKind kind);

/// "HEX  NAME\n" as `xxhsum -c` and `sha256sum -c` read it. Names with a line feed are escaped and
/// marked with a backslash at the start of the line; sha256sum does so, too, for those with
/// backslashes and carriage returns, which xxhsum takes as they are.
void AppendDigestLine(std::string& out, const Entry& entry, DigestKind kind);

}  // namespace tapir::cli
