#include "target/file_contents.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include "tapir/object/volume_files.h"
#include "target/file_writer.h"

namespace tapir::target {
namespace {

// Its xattr, empty if there is none; errno is set.
std::string XattrOf(int fd, const char* name) {
  errno = 0;
  const ssize_t size = ::fgetxattr(fd, name, nullptr, 0);
  if (size <= 0) return {};
  std::string value(static_cast<size_t>(size), '\0');
  const ssize_t got = ::fgetxattr(fd, name, value.data(), value.size());
  value.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  return value;
}

// 0 or errno.
int CopyXattrs(int from, int to) {
  const ssize_t size = ::flistxattr(from, nullptr, 0);
  if (size < 0) return errno == EOPNOTSUPP ? 0 : errno;
  std::vector<char> names(static_cast<size_t>(size));
  const ssize_t got = ::flistxattr(from, names.data(), names.size());
  if (got < 0) return errno;
  const char* end = names.data() + got;
  for (const char* name = names.data(); name < end; name += std::string_view(name).size() + 1) {
    const std::string value = XattrOf(from, name);
    if (errno != 0) return errno;
    if (::fsetxattr(to, name, value.data(), value.size(), 0) == 0) continue;
    const int error = errno;
    // What the system gives every file of its own accord may be set by nobody.
    if (XattrOf(to, name) != value || errno != 0) return error;
  }
  return 0;
}

// 0 or errno.
int CopyMetadata(int from, int to) {
  struct stat old {};
  struct stat made {};
  if (::fstat(from, &old) != 0 || ::fstat(to, &made) != 0) return errno;
  const bool same_owner = old.st_uid == made.st_uid && old.st_gid == made.st_gid;
  if (!same_owner && ::fchown(to, old.st_uid, old.st_gid) != 0) return errno;
  if (::fchmod(to, old.st_mode & 07777) != 0) return errno;
  return CopyXattrs(from, to);
}

Result<Descriptor> OpenOld(const Place& place) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  Descriptor fd(::openat(place.parent_fd(), place.name, kFlags));
  if (!fd) return Status::FromErrno(errno, "cannot open '" + *place.path + "'");
  struct stat state {};
  if (::fstat(fd.get(), &state) != 0) return Status::FromErrno(errno, "'" + *place.path + "'");
  if (S_ISREG(state.st_mode)) return fd;
  return FileFailed(FileFailure::kUnsupported, "'" + *place.path + "' is no regular file");
}

// 0 or errno.
int Fill(Descriptor& fd, const Descriptor& old, std::span<const std::byte> contents) {
  BufferPool buffers(FileWriter::kPoolBufferBytes);
  int error = FileWriter(fd.get(), buffers).WriteAt(0, contents);
  if (error == 0 && old) error = CopyMetadata(old.get(), fd.get());
  if (error == 0 && ::fsync(fd.get()) != 0) error = errno;
  const int closed = fd.Close();
  return error == 0 ? closed : error;
}

Status SyncParent(const Place& place) {
  const Descriptor parent(::openat(place.parent_fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent && ::fsync(parent.get()) == 0) return OkStatus();
  return Status::FromErrno(errno, "the directory of '" + *place.path + "'");
}

}  // namespace

Result<std::string> ReadContents(const Place& place, uint64_t most_bytes) {
  TAPIR_ASSIGN_OR_RETURN(const Descriptor fd, OpenOld(place));
  struct stat state {};
  if (::fstat(fd.get(), &state) != 0) return Status::FromErrno(errno, "'" + *place.path + "'");
  const auto size = static_cast<uint64_t>(state.st_size);
  if (size > most_bytes) {
    return LimitExceeded("'" + *place.path + "' has " + std::to_string(size) +
                         " bytes, more than " + std::to_string(most_bytes));
  }
  std::string contents(size, '\0');
  size_t filled = 0;
  while (filled < contents.size()) {
    const ssize_t got = ::pread(fd.get(), contents.data() + filled, contents.size() - filled,
                                static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::FromErrno(errno, "cannot read '" + *place.path + "'");
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  contents.resize(filled);
  return contents;
}

Status ReplaceContents(const Place& place, bool replaces, std::span<const std::byte> contents) {
  Descriptor old;
  if (replaces) {
    TAPIR_ASSIGN_OR_RETURN(old, OpenOld(place));
  }
  Descriptor fd;
  const mode_t mode = replaces ? 0600 : 0666;
  TAPIR_ASSIGN_OR_RETURN(const std::string temporary, MakeTemporary(place, [&](const char* name) {
                           fd = Descriptor(::openat(place.parent_fd(), name,
                                                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
                           return fd ? 0 : errno;
                         }));
  if (const int error = Fill(fd, old, contents); error != 0) {
    ::unlinkat(place.parent_fd(), temporary.c_str(), 0);
    return Status::FromErrno(error, "cannot write '" + *place.path + "'");
  }
  InTheWay in_the_way;
  in_the_way.may_be_replaced = replaces;
  in_the_way.on_directory_removed = [](uint64_t) {};
  TAPIR_RETURN_IF_ERROR(MoveIntoPlace(place, temporary, in_the_way));
  return SyncParent(place);
}

}  // namespace tapir::target
