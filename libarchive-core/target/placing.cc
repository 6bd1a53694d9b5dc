#include "target/placing.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "tapir/base/ambient.h"

namespace tapir::target {

namespace {

// Renames over anything but a directory that is not empty; 0 or errno.
int RenameOver(const Place& place, const char* from, const InTheWay& in_the_way) {
  const int directory = place.parent_fd();
  if (::renameat(directory, from, directory, place.name) == 0) return 0;
  if (errno != EISDIR && errno != EEXIST && errno != ENOTEMPTY) return errno;
  if (::unlinkat(directory, place.name, AT_REMOVEDIR) != 0) return errno;
  in_the_way.on_directory_removed(place.hash);
  return ::renameat(directory, from, directory, place.name) == 0 ? 0 : errno;
}

}  // namespace

std::string TemporaryName() {
  uint64_t number = 0;
  Ambient::System().FillRandom(std::as_writable_bytes(std::span(&number, 1)));
  return fmt::format(".tapir-{:016x}", number);
}

int RenameToFreeName(int from_directory, const char* from, int to_directory, const char* to) {
  if (::renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // The file system lacks it. A hard link refuses a taken name as well.
  if (::linkat(from_directory, from, to_directory, to, 0) == 0) {
    ::unlinkat(from_directory, from, 0);
    return 0;
  }
  if (errno == EEXIST) return EEXIST;
  // No hard links either: a look before the rename is the best there is.
  struct stat found {};
  if (::fstatat(to_directory, to, &found, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(from_directory, from, to_directory, to) == 0 ? 0 : errno;
}

Status CannotCreate(const std::string& path, int sys_errno) {
  const std::string doing = "cannot create '" + path + "'";
  switch (sys_errno) {
    case EEXIST: return Exists(doing + ": it exists");
    case ENOTEMPTY: return Exists(doing + ": a directory that is not empty is in the way");
    default: return Status::FromErrno(sys_errno, doing);
  }
}

Status TryToMoveIntoPlace(const Place& place, const std::string& temporary,
                          const InTheWay& in_the_way) {
  const int error =
      in_the_way.may_be_replaced
          ? RenameOver(place, temporary.c_str(), in_the_way)
          : RenameToFreeName(place.parent_fd(), temporary.c_str(), place.parent_fd(), place.name);
  return error == 0 ? OkStatus() : CannotCreate(*place.path, error);
}

Status MoveIntoPlace(const Place& place, const std::string& temporary, const InTheWay& in_the_way) {
  Status moved = TryToMoveIntoPlace(place, temporary, in_the_way);
  if (!moved.ok()) ::unlinkat(place.parent_fd(), temporary.c_str(), 0);
  return moved;
}

}  // namespace tapir::target
