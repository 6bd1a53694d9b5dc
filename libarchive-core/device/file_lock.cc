#include "device/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "device/transfer.h"

namespace tapir {

namespace {

int LockWithoutWaiting(int descriptor, int operation) {
  while (flock(descriptor, operation | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

std::string CommandOf(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string command;
  std::getline(file, command);
  return command;
}

/// Whether `place`, "MAJOR:MINOR:INODE" with the first two in hexadecimal, is the file.
bool IsPlaceOf(const std::string& place, const struct stat& file) {
  std::istringstream in(place);
  unsigned major_number = 0;
  unsigned minor_number = 0;
  uint64_t inode = 0;
  char colon = 0;
  in >> std::hex >> major_number >> colon >> minor_number >> colon >> std::dec >> inode;
  return in && inode == file.st_ino && major_number == major(file.st_dev) &&
         minor_number == minor(file.st_dev);
}

/// Reads lines like "3: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF".
LockHolder HolderFromTable(int descriptor) {
  struct stat file = {};
  std::ifstream table("/proc/locks");
  std::string line;
  while (fstat(descriptor, &file) == 0 && std::getline(table, line)) {
    std::istringstream in(line);
    std::string number, kind, strength, access, place;
    int pid = 0;
    in >> number >> kind >> strength >> access >> pid >> place;
    if (!in || kind != "FLOCK" || access != "WRITE" || pid <= 0) continue;
    if (IsPlaceOf(place, file)) return {pid, CommandOf(pid)};
  }
  return {};
}

}  // namespace

std::string LockHolder::ToString() const {
  if (pid == 0) return "another process";
  std::string text = "process " + std::to_string(pid);
  return command.empty() ? text : text + " (" + command + ")";
}

Result<std::optional<LockHolder>> WriterHolding(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0)
    return Status::FromErrno(errno, "cannot open '" + path + "'");
  // Opening a device may do things to it.
  if (!S_ISREG(status.st_mode)) return std::optional<LockHolder>();
  Descriptor file = internal::OpenDescriptor(path, O_RDONLY | O_NONBLOCK);
  if (!file) return Status::FromErrno(errno, "cannot open '" + path + "'");
  return internal::FindWriter(file.get());
}

namespace internal {

Status LockForWriting(int descriptor, const std::string& path) {
  // A reader that looks for a writer holds a shared lock for an instant; that is no writer.
  constexpr int kTries = 5;
  constexpr std::chrono::milliseconds kPause(2);
  int error = 0;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(kPause);
    error = LockWithoutWaiting(descriptor, LOCK_EX);
    if (error == 0) return OkStatus();
    if (error != EWOULDBLOCK) return Status::FromErrno(error, "cannot lock '" + path + "'");
  }
  return Busy("'" + path + "' is being written by " + HolderFromTable(descriptor).ToString() +
              "; wait until it has ended");
}

std::optional<LockHolder> FindWriter(int descriptor) {
  int error = LockWithoutWaiting(descriptor, LOCK_SH);
  if (error == EWOULDBLOCK) return HolderFromTable(descriptor);
  if (error == 0) flock(descriptor, LOCK_UN);
  return std::nullopt;
}

FileIdentity IdentityOfDescriptor(int descriptor) {
  struct stat file = {};
  fstat(descriptor, &file);
  return {file.st_dev, file.st_ino};
}

}  // namespace internal
}  // namespace tapir
