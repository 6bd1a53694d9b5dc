#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "target/metadata_setter.h"
#include "target/path_hash.h"
#include "target/path_table.h"

namespace tapir::target {

/// What this run made at a path.
enum class Made { kNothing, kDirectory, kFile, kNode, kSkippedNode };

/// Remembers what a run made, and the metadata that directories get last. Takes about 120 bytes
/// for a directory and 20 for anything else. Thread-safe.
class RestoredPaths {
 public:
  /// `hasher` must outlive this.
  explicit RestoredPaths(const PathHasher& hasher) : hasher_(hasher) {}

  /// `made` is not kDirectory.
  void Add(uint64_t hash, Made made);
  /// A directory that this run made, whose metadata may come later or never.
  void AddDirectory(std::string_view path);
  /// What directory `path` is to have at the end; `taken_over`: it was there before.
  void SetDirectoryMetadata(std::string_view path, const Wanted& wanted, bool taken_over);
  Made Find(uint64_t hash) const;
  /// It was removed.
  void Forget(uint64_t hash);

  /// The directories whose metadata was set, each before the one it lies in. Call it when nothing
  /// is added any more. `Visitor(const std::string& path, const Wanted&, bool taken_over)`.
  template <typename Visitor>
  void VisitDirectoriesDeepestFirst(Visitor&& visit) const {
    for (size_t index = directories_.size(); index-- > 0;) {
      const DirectoryRecord& record = directories_[index];
      if (record.has_metadata) visit(PathOf(record), WantedOf(index), !record.is_made);
    }
  }

 private:
  static constexpr uint32_t kNoParent = UINT32_MAX;

  struct DirectoryRecord {
    uint64_t name_begin = 0;  // in names_
    int64_t mtime_seconds = 0;
    uint32_t mtime_nanoseconds = 0;
    uint32_t parent = kNoParent;
    uint32_t uid = 0;
    uint32_t gid = 0;
    uint16_t name_bytes = 0;
    uint16_t mode : 12 = 0;
    uint16_t is_made : 1 = 0;
    uint16_t has_metadata : 1 = 0;
    uint16_t has_extra : 1 = 0;
  };
  static_assert(sizeof(DirectoryRecord) == 40);

  struct XattrsLess {
    bool operator()(const std::vector<Xattr>& left, const std::vector<Xattr>& right) const;
  };

  /// What not every directory has.
  struct Extra {
    std::optional<Timestamp> access_time;
    const std::vector<Xattr>* xattrs = nullptr;  // in distinct_xattrs_
  };

  size_t Intern(std::string_view path);
  std::string PathOf(const DirectoryRecord& record) const;
  Wanted WantedOf(size_t index) const;

  const PathHasher& hasher_;
  mutable std::mutex mutex_;
  PathTable table_;  // hash -> place in directories_, or one of the marks in restored_paths.cc
  std::deque<DirectoryRecord> directories_;  // a parent stands before what is in it
  std::deque<char> names_;
  std::unordered_map<size_t, Extra> extras_;
  // Security labels and ACLs are many but few different ones.
  std::set<std::vector<Xattr>, XattrsLess> distinct_xattrs_;
};

}  // namespace tapir::target
