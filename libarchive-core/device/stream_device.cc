#include "tapir/device/stream_device.h"
#include "tapir/base/limits.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "device/file_lock.h"
#include "device/transfer.h"

namespace tapir {

namespace {

constexpr int kPipeBytes = 1 << 20;  // what an unprivileged process may ask for

/// Waits where O_NONBLOCK would have the call fail. True if the call is to be made again.
bool MayGoOn(int sys_errno, int descriptor, short events) {
  if (sys_errno == EINTR) return true;
  if (sys_errno != EAGAIN) return false;
  pollfd wait = {descriptor, events, 0};
  return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

Result<std::unique_ptr<StreamDevice>> StreamDevice::Borrow(int descriptor, Direction direction,
                                                           std::string name) {
  bool reading = direction == Direction::kRead;
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return Status::FromErrno(errno, "cannot use " + name);
  if (isatty(descriptor) == 1) {
    return InvalidArgument(name + " is a terminal; " +
                           (reading ? "give a file, or pipe a volume in"
                                    : "give a file, or redirect or pipe the output"));
  }
  struct stat file = {};
  if (fstat(descriptor, &file) == 0 && S_ISDIR(file.st_mode)) {
    return InvalidArgument(name + " is a directory; give a file");
  }
  // Does nothing to what is no pipe; a pipe that stays small still works.
  fcntl(descriptor, F_SETPIPE_SZ, kPipeBytes);
  return std::unique_ptr<StreamDevice>(
      new StreamDevice(descriptor, false, direction, std::move(name)));
}

Result<std::unique_ptr<StreamDevice>> StreamDevice::Open(const std::string& path,
                                                         Direction direction) {
  int access = direction == Direction::kRead ? O_RDONLY : O_WRONLY;
  Descriptor file = internal::OpenDescriptor(path, access | O_NOCTTY);
  if (!file) return Status::FromErrno(errno, "cannot open '" + path + "'");
  int descriptor = fcntl(file.get(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) return Status::FromErrno(errno, "cannot open '" + path + "'");
  Result<std::unique_ptr<StreamDevice>> device = Borrow(descriptor, direction, "'" + path + "'");
  if (device.ok()) {
    (*device)->owned_ = true;
  } else {
    close(descriptor);
  }
  return device;
}

StreamDevice::StreamDevice(int descriptor, bool owned, Direction direction, std::string name)
    : descriptor_(descriptor), owned_(owned), direction_(direction), name_(std::move(name)) {}

StreamDevice::~StreamDevice() {
  if (owned_) close(descriptor_);
}

DeviceTraits StreamDevice::traits() const { return {.writable = direction_ == Direction::kWrite}; }

Result<ReadOutcome> StreamDevice::Read(std::span<std::byte> buffer) {
  size_t size = 0;
  while (size < buffer.size()) {
    ssize_t moved = read(descriptor_, buffer.data() + size, buffer.size() - size);
    if (moved == 0) break;
    if (moved > 0) {
      size += static_cast<size_t>(moved);
    } else if (!MayGoOn(errno, descriptor_, POLLIN)) {
      // Bytes that came before the error are delivered; the next call meets it again.
      if (size > 0) break;
      return Status::FromErrno(
          errno, "cannot read " + name_ + " at byte " + std::to_string(position_.offset_bytes));
    }
  }
  position_.offset_bytes += size;
  bool at_end = size == 0 && !buffer.empty();
  return ReadOutcome{at_end ? ReadKind::kEndOfData : ReadKind::kData, size};
}

Result<WriteOutcome> StreamDevice::Write(std::span<const std::byte> block) {
  if (block.size() % limits::kUnitBytes != 0) {
    return InvalidArgument("a block of " + std::to_string(block.size()) +
                           " bytes is not a multiple of 4096");
  }
  size_t size = 0;
  while (size < block.size()) {
    ssize_t moved = write(descriptor_, block.data() + size, block.size() - size);
    if (moved >= 0) {
      size += static_cast<size_t>(moved);
    } else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
      return WriteOutcome::kEndOfMedium;
    } else if (!MayGoOn(errno, descriptor_, POLLOUT)) {
      return Status::FromErrno(errno, "cannot write " + name_ + " at byte " +
                                          std::to_string(position_.offset_bytes + size));
    }
  }
  position_.offset_bytes += size;
  position_.object += 1;
  return WriteOutcome::kWritten;
}

Result<WriteOutcome> StreamDevice::WriteFilemarks(uint32_t /*count*/, bool /*immediate*/) {
  return WriteOutcome::kWritten;
}

Status StreamDevice::Locate(const DevicePosition& to) {
  bool forward = direction_ == Direction::kRead && to.offset_bytes > position_.offset_bytes;
  if (to.offset_bytes != position_.offset_bytes && !forward) {
    return Unsupported(name_ + " is a stream: it cannot go from byte " +
                       std::to_string(position_.offset_bytes) + " to " +
                       std::to_string(to.offset_bytes));
  }
  std::vector<std::byte> skipped(forward ? kPipeBytes : 0);
  while (position_.offset_bytes < to.offset_bytes) {
    uint64_t left = to.offset_bytes - position_.offset_bytes;
    auto part = std::span(skipped).first(std::min<uint64_t>(left, skipped.size()));
    TAPIR_ASSIGN_OR_RETURN(ReadOutcome outcome, Read(part));
    if (outcome.kind == ReadKind::kEndOfData) {
      return Truncated(name_ + " ends at byte " + std::to_string(position_.offset_bytes) +
                       ", before byte " + std::to_string(to.offset_bytes));
    }
  }
  position_.object = to.object;
  return OkStatus();
}

Status StreamDevice::LocateEnd() {
  if (direction_ == Direction::kWrite) return OkStatus();
  return Unsupported(name_ + " is a stream: its end is found by reading only");
}

Status StreamDevice::Sync() {
  if (direction_ == Direction::kRead || fdatasync(descriptor_) == 0) return OkStatus();
  // Pipes, sockets and the like have no storage.
  if (errno == EINVAL || errno == EROFS || errno == ENOTSUP) return OkStatus();
  return Status::FromErrno(errno, "cannot sync " + name_);
}

std::optional<FileIdentity> StreamDevice::identity() const {
  return internal::IdentityOfDescriptor(descriptor_);
}

}  // namespace tapir
