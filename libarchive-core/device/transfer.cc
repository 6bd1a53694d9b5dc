#include "device/transfer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace tapir::internal {

Descriptor OpenDescriptor(const std::string& path, int flags) {
  constexpr mode_t kMode = 0666;  // the user's umask decides
  int descriptor = -1;
  do {
    descriptor = open(path.c_str(), flags | O_CLOEXEC, kMode);
  } while (descriptor < 0 && errno == EINTR);
  return Descriptor(descriptor);
}

Descriptor ReopenDirect(int descriptor, int access) {
  // By descriptor, not by path: the name may belong to another file by now.
  return OpenDescriptor("/proc/self/fd/" + std::to_string(descriptor), access | O_DIRECT);
}

TransferResult ReadAt(int descriptor, std::span<std::byte> buffer, uint64_t offset) {
  TransferResult result;
  while (result.size < buffer.size()) {
    ssize_t moved = pread(descriptor, buffer.data() + result.size, buffer.size() - result.size,
                          static_cast<off_t>(offset + result.size));
    if (moved == 0) break;
    if (moved > 0) {
      result.size += static_cast<size_t>(moved);
    } else if (errno != EINTR) {
      result.error = errno;
      break;
    }
  }
  return result;
}

TransferResult WriteAt(int descriptor, std::span<const std::byte> data, uint64_t offset) {
  TransferResult result;
  while (result.size < data.size()) {
    ssize_t moved = pwrite(descriptor, data.data() + result.size, data.size() - result.size,
                           static_cast<off_t>(offset + result.size));
    if (moved >= 0) {
      result.size += static_cast<size_t>(moved);
    } else if (errno != EINTR) {
      result.error = errno;
      break;
    }
  }
  return result;
}

}  // namespace tapir::internal
