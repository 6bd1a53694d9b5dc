#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "tapir/base/status.h"

namespace tapir::source {

class DirectoryCache;

/// A directory by its place in the tree: a name in a parent. It is opened when needed, by its
/// DirectoryCache, and lives as long as something refers to it, its parents with it.
class Directory {
 public:
  enum class Use : uint8_t {
    kScanned,  ///< its entries are listed; a symbolic link in its place is refused
    kPassed,   ///< only on the way to something given by the user; links are followed
    kFound,    ///< on the way to something found in a scan; links are refused
  };

  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  /// Length of Path().
  size_t path_bytes() const { return path_bytes_; }
  /// Its path in the archive; empty for the root.
  std::string Path() const;

 private:
  friend class DirectoryCache;
  using Ref = std::shared_ptr<Directory>;

  Directory(std::shared_ptr<DirectoryCache> cache, Ref parent, std::string_view name, Use use);

  const std::shared_ptr<DirectoryCache> cache_;
  const Ref parent_;
  const std::string name_;
  const Use use_;
  const size_t path_bytes_;

  // Guarded by the mutex of the cache.
  SharedDescriptor open_;
  std::list<Directory*>::iterator place_;  ///< in the cache's list, while it is there
  bool listed_as_open_ = false;
  bool identified_ = false;
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
};

using DirectoryRef = std::shared_ptr<Directory>;

/// Keeps the directories used last open, and opens the others again by their names from the nearest
/// parent that is open: so a tree may be deeper than there are descriptors, and paths longer than
/// PATH_MAX. Thread-safe. Always owned by a shared_ptr.
class DirectoryCache : public std::enable_shared_from_this<DirectoryCache> {
 public:
  /// `capacity`: directories held open, roots and those in use not counted; at least 1.
  explicit DirectoryCache(size_t capacity) : capacity_(capacity) {}

  /// A directory without parent that stays open.
  DirectoryRef MakeRoot(Descriptor descriptor);
  /// `name` in `parent`; "." is the parent itself, to be scanned. Opens nothing.
  DirectoryRef Make(DirectoryRef parent, std::string_view name, Directory::Use use);

  /// Its descriptor. kNotFound if another directory has taken its place, else a device error with
  /// the errno of open, of it or a parent.
  Result<SharedDescriptor> Acquire(const DirectoryRef& directory);

  /// st_dev of a directory that was opened before, else nothing.
  std::optional<uint64_t> DeviceOf(const Directory& directory);

  /// openat with O_CLOEXEC. O_NOATIME is dropped if only that is refused. Without free descriptors
  /// those held here are closed, then it is tried for a second. On failure errno is set.
  Descriptor OpenAt(int parent, const char* name, int flags);

 private:
  friend class Directory;

  SharedDescriptor Cached(Directory& directory);
  Result<SharedDescriptor> Open(Directory& directory, int parent);
  void Forget(Directory& directory);
  void CloseAll();

  const size_t capacity_;
  std::mutex mutex_;
  std::list<Directory*> open_;  ///< the one used last in front
};

}  // namespace tapir::source
