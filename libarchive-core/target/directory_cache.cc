#include "target/directory_cache.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "target/object_handle.h"

namespace tapir::target {

namespace {

// Deep trees need a run of ancestors, threads one branch each; more than this gains nothing. The
// descriptors must leave room for the caller's files.
size_t CapacityWithin(size_t most) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return most;
  return std::clamp<size_t>(limit.rlim_cur / 8, 4, most);
}

Status WhyNotOpened(const Directory& parent, const char* name, std::string_view path, int error) {
  const std::string quoted = "'" + std::string(path) + "'";
  if (error != ENOTDIR && error != ELOOP) {
    return Status::FromErrno(error, "cannot open directory " + quoted);
  }
  struct stat found {};
  const bool is_link =
      ::fstatat(parent.fd.get(), name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(found.st_mode);
  return Exists(quoted + (is_link ? " is a symbolic link and is not followed"
                                  : " is in the way and not a directory"));
}

}  // namespace

bool HasDefaultAcl(int fd) {
  return ::getxattr(ProcPath(fd).c_str(), "system.posix_acl_default", nullptr, 0) > 0;
}

DirectoryCache::DirectoryCache(Descriptor root, const PathHasher& hasher, OnMade on_made)
    : root_([&root] {
        auto directory = std::make_shared<Directory>();
        directory->has_default_acl = HasDefaultAcl(root.get());
        directory->fd = std::move(root);
        return directory;
      }()),
      hasher_(hasher),
      on_made_(std::move(on_made)),
      capacity_(CapacityWithin(256)) {}

Result<std::shared_ptr<const Directory>> DirectoryCache::Open(std::string_view path, uint64_t hash,
                                                              Missing missing) {
  if (path.empty() || path == ".") return root_;
  if (Pointer known = Find(hash)) return known;
  return Walk(path, missing);
}

void DirectoryCache::Forget(uint64_t hash) {
  const std::lock_guard lock(mutex_);
  const auto known = by_hash_.find(hash);
  if (known == by_hash_.end()) return;
  entries_.erase(known->second);
  by_hash_.erase(known);
}

DirectoryCache::Pointer DirectoryCache::Find(uint64_t hash) {
  const std::lock_guard lock(mutex_);
  const auto known = by_hash_.find(hash);
  if (known == by_hash_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, known->second);
  return known->second->directory;
}

void DirectoryCache::Keep(uint64_t hash, const Pointer& directory) {
  const std::lock_guard lock(mutex_);
  const auto [known, is_new] = by_hash_.try_emplace(hash);
  if (!is_new) {
    known->second->directory = directory;
    return;
  }
  entries_.push_front({hash, directory});
  known->second = entries_.begin();
  if (entries_.size() <= capacity_) return;
  by_hash_.erase(entries_.back().hash);
  entries_.pop_back();
}

Result<DirectoryCache::Pointer> DirectoryCache::Walk(std::string_view path, Missing missing) {
  const std::vector<PathHasher::Prefix> prefixes = hasher_.Prefixes(path);
  size_t at = prefixes.size() - 1;
  Pointer directory;
  while (at > 0 && !(directory = Find(prefixes[at].hash))) --at;
  if (at == 0) directory = root_;
  while (++at < prefixes.size()) {
    const size_t above_bytes = prefixes[at - 1].length_bytes;
    TAPIR_ASSIGN_OR_RETURN(directory,
                           OpenChild(*directory, path.substr(0, prefixes[at].length_bytes),
                                     above_bytes == 0 ? 0 : above_bytes + 1, missing));
    Keep(prefixes[at].hash, directory);
  }
  return directory;
}

Result<DirectoryCache::Pointer> DirectoryCache::OpenChild(const Directory& parent,
                                                          std::string_view path, size_t name_begin,
                                                          Missing missing) {
  constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const std::string name(path.substr(name_begin));
  Descriptor fd(::openat(parent.fd.get(), name.c_str(), kFlags));
  if (!fd && errno == ENOENT && missing == Missing::kMake) {
    if (::mkdirat(parent.fd.get(), name.c_str(), 0777) == 0) {
      on_made_(path);
    } else if (errno != EEXIST) {  // another thread was quicker
      return Status::FromErrno(errno, "cannot create directory '" + std::string(path) + "'");
    }
    fd = Descriptor(::openat(parent.fd.get(), name.c_str(), kFlags));
  }
  if (!fd) return WhyNotOpened(parent, name.c_str(), path, errno);
  auto directory = std::make_shared<Directory>();
  directory->has_default_acl = HasDefaultAcl(fd.get());
  directory->fd = std::move(fd);
  return Pointer(std::move(directory));
}

}  // namespace tapir::target
