#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/descriptor.h"
#include "tapir/base/status.h"
#include "target/path_hash.h"

namespace tapir::target {

/// A directory below the target, reached without following a symbolic link.
struct Directory {
  Descriptor fd;                 ///< O_PATH: for *at() calls only
  bool has_default_acl = false;  ///< what is made in it inherits an ACL
};

/// Opens directories below the target one component at a time, each relative to the descriptor of
/// the one above and never through a symbolic link, and keeps those used last. So paths longer than
/// PATH_MAX work, and what is swapped in on the way is refused. Thread-safe.
class DirectoryCache {
 public:
  /// Told of each directory that Open makes.
  using OnMade = std::function<void(std::string_view path)>;

  /// `hasher` must outlive this.
  DirectoryCache(Descriptor root, const PathHasher& hasher, OnMade on_made);

  enum class Missing { kFail, kMake };

  /// `path` "" or "." is the target itself. kExists if something on the way is not a directory,
  /// else a device error with errno. Missing directories are made with what the umask allows.
  /// `hash` is that of the path.
  Result<std::shared_ptr<const Directory>> Open(std::string_view path, uint64_t hash,
                                                Missing missing);

  /// To be called when the directory of this hash was removed or made.
  void Forget(uint64_t hash);

 private:
  using Pointer = std::shared_ptr<const Directory>;
  struct Entry {
    uint64_t hash = 0;
    Pointer directory;
  };

  Pointer Find(uint64_t hash);
  void Keep(uint64_t hash, const Pointer& directory);
  Result<Pointer> Walk(std::string_view path, Missing missing);
  Result<Pointer> OpenChild(const Directory& parent, std::string_view path, size_t name_begin,
                            Missing missing);

  const Pointer root_;
  const PathHasher& hasher_;
  const OnMade on_made_;
  const size_t capacity_;

  std::mutex mutex_;
  std::list<Entry> entries_;  // used last in front
  std::unordered_map<uint64_t, std::list<Entry>::iterator> by_hash_;
};

/// Whether the directory behind `fd` hands an ACL down to what is made in it.
bool HasDefaultAcl(int fd);

}  // namespace tapir::target
