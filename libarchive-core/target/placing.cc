#include "target/placing.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tapir/base/ambient.h"

namespace tapir::target {

namespace {

// Renames unless the name is taken; 0 or errno.
int RenameToFreeName(int directory, const char* from, const char* to) {
  if (::renameat2(directory, from, directory, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // The file system lacks it. A hard link refuses a taken name as well.
  if (::linkat(directory, from, directory, to, 0) == 0) {
    ::unlinkat(directory, from, 0);
    return 0;
  }
  if (errno == EEXIST) return EEXIST;
  // No hard links either: a look before the rename is the best there is.
  struct stat found {};
  if (::fstatat(directory, to, &found, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(directory, from, directory, to) == 0 ? 0 : errno;
}

// Renames over anything but a directory that is not empty; 0 or errno.
int RenameOver(const Place& place, const char* from, const InTheWay& in_the_way) {
  const int directory = place.parent_fd();
  if (::renameat(directory, from, directory, place.name) == 0) return 0;
  if (errno != EISDIR && errno != EEXIST && errno != ENOTEMPTY) return errno;
  if (::unlinkat(directory, place.name, AT_REMOVEDIR) != 0) return errno;
  in_the_way.on_directory_removed(place.hash);
  return ::renameat(directory, from, directory, place.name) == 0 ? 0 : errno;
}

template <typename Write>
int WriteEverything(std::span<const std::byte> data, Write write) {
  while (!data.empty()) {
    const ssize_t written = write(data);
    if (written < 0 && errno != EINTR) return errno;
    if (written == 0) return ENOSPC;  // POSIX leaves open what else it could mean
    if (written > 0) data = data.subspan(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

std::string TemporaryName() {
  uint64_t number = 0;
  Ambient::System().FillRandom(std::as_writable_bytes(std::span(&number, 1)));
  return fmt::format(".tapir-{:016x}", number);
}

Status CannotCreate(const std::string& path, int sys_errno) {
  const std::string doing = "cannot create '" + path + "'";
  switch (sys_errno) {
    case EEXIST:
      return Exists(doing + ": it exists");
    case ENOTEMPTY:
      return Exists(doing + ": a directory that is not empty is in the way");
    default:
      return Status::FromErrno(sys_errno, doing);
  }
}

Status MoveIntoPlace(const Place& place, const std::string& temporary, const InTheWay& in_the_way) {
  const int error = in_the_way.may_be_replaced
                        ? RenameOver(place, temporary.c_str(), in_the_way)
                        : RenameToFreeName(place.parent_fd(), temporary.c_str(), place.name);
  if (error == 0) return OkStatus();
  ::unlinkat(place.parent_fd(), temporary.c_str(), 0);
  return CannotCreate(*place.path, error);
}

int WriteAll(int fd, std::span<const std::byte> data) {
  return WriteEverything(data, [fd](std::span<const std::byte> rest) {
    return ::write(fd, rest.data(), rest.size());
  });
}

int WriteAllAt(int fd, std::span<const std::byte> data, uint64_t offset_bytes) {
  return WriteEverything(data, [&](std::span<const std::byte> rest) {
    const uint64_t at = offset_bytes + (data.size() - rest.size());
    return ::pwrite(fd, rest.data(), rest.size(), static_cast<off_t>(at));
  });
}

}  // namespace tapir::target
