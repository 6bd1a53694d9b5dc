#include "ntfs/making.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/descriptor.h"

namespace tapir::ntfs {
namespace {

constexpr uint64_t kSectorBytes = 512;

// Its exit status, or a failure to start it.
Result<int> RunMkntfs(const std::string& image) {
  // Geometry that a file has not; -F: it is no block device; -Q: without zeros everywhere.
  std::array<std::string, 11> words = {"mkntfs", "-F",  "-Q", "-q", "-p", "0",
                                       "-H",     "255", "-S", "63", image};
  std::array<char*, 12> arguments{};
  for (size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::string locale = "LC_ALL=C";
  std::array<char*, 2> environment{locale.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  int error = ENOENT;
  for (const char* program : {"/usr/sbin/mkntfs", "/sbin/mkntfs", "/usr/local/sbin/mkntfs"}) {
    error = ::posix_spawn(&child, program, &actions, nullptr, arguments.data(), environment.data());
    if (error == 0) break;
  }
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return NotFound("a volume is made by mkntfs (package ntfs-3g), which is not there");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return Status::FromErrno(errno, "mkntfs");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Status MakeVolume(const NtfsAddress& address, uint64_t size_bytes) {
  if (address.partition || address.offset_bytes) {
    return InvalidArgument("a volume is made in a file of its own, not in a partition");
  }
  Descriptor file(::open(address.image.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file && errno == EEXIST) return Exists("there is such a file already");
  if (!file) return Status::FromErrno(errno, "cannot be made");
  if (::ftruncate(file.get(), static_cast<off_t>(size_bytes / kSectorBytes * kSectorBytes)) != 0) {
    return Status::FromErrno(errno, "cannot be given its size");
  }
  const Result<int> status = RunMkntfs(address.image);
  if (status.ok() && *status == 0) return OkStatus();
  ::unlink(address.image.c_str());
  if (!status.ok()) return status.status();
  return InvalidArgument("mkntfs refuses to make a volume of " + std::to_string(size_bytes) +
                         " bytes");
}

}  // namespace tapir::ntfs
