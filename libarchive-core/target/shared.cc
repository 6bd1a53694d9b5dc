#include "target/shared.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "tapir/object/path_order.h"

namespace tapir::target {

Status WasNotRestored(const std::string& path) {
  return NotFound("'" + path + "' was not restored in this run");
}

Shared::Shared(const PosixTargetOptions& options, Descriptor root)
    : paths(hasher),
      directories(std::move(root), hasher,
                  [this](std::string_view path) { paths.AddDirectory(path); }),
      setter(options),
      in_the_way{.may_be_replaced = options.overwrite,
                 .on_directory_removed = [this](uint64_t hash) {
                   directories.Forget(hash);
                   paths.Forget(hash);
                 }} {}

Result<Place> Shared::Locate(const std::string& path, DirectoryCache::Missing missing) {
  TAPIR_RETURN_IF_ERROR(CheckPath(path));
  if (path == ".") return InvalidArgument("the target itself can only be a directory");
  const size_t slash = path.rfind('/');
  const bool is_at_top = slash == std::string::npos;
  const auto parent_path = std::string_view(path).substr(0, is_at_top ? 0 : slash);
  const uint64_t parent_hash = hasher.Hash(parent_path);
  Place place{.name = path.c_str() + (is_at_top ? 0 : slash + 1), .path = &path};
  place.hash = hasher.Extend(parent_hash, place.name);
  TAPIR_ASSIGN_OR_RETURN(place.parent, directories.Open(parent_path, parent_hash, missing));
  return place;
}

Result<Descriptor> Shared::OpenMade(const std::string& path) {
  TAPIR_RETURN_IF_ERROR(CheckPath(path));
  if (paths.Find(hasher.Hash(path)) != Made::kFile) return WasNotRestored(path);
  TAPIR_ASSIGN_OR_RETURN(const Place place, Locate(path, DirectoryCache::Missing::kFail));
  // The restored access time is to stay; O_NOATIME is for the owner and root only.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  Descriptor fd(::openat(place.parent_fd(), place.name, kFlags | O_NOATIME));
  if (!fd && errno == EPERM) fd = Descriptor(::openat(place.parent_fd(), place.name, kFlags));
  if (!fd) return Status::FromErrno(errno, "cannot read back '" + path + "'");
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return NotFound("'" + path + "' was replaced by another program");
  }
  return fd;
}

}  // namespace tapir::target
