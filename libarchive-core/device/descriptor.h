#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace tapir::internal {

/// Owns a file descriptor; -1 owns nothing.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// open(2) with O_CLOEXEC, repeated when a signal interrupts it. Not valid: see errno.
Descriptor OpenDescriptor(const std::string& path, int flags);

/// The same file once more, for transfers past the page cache. `access` is O_RDONLY or O_WRONLY.
/// Not valid where the file system or the system cannot do it.
Descriptor ReopenDirect(int descriptor, int access);

struct TransferResult {
  size_t size = 0;  ///< bytes moved before the end or the error
  int error = 0;    ///< errno, or 0
};

/// Reads at `offset` until `buffer` is full, the file ends or an error stops it.
TransferResult ReadAt(int descriptor, std::span<std::byte> buffer, uint64_t offset);

/// Writes all of `data` at `offset` unless an error stops it.
TransferResult WriteAt(int descriptor, std::span<const std::byte> data, uint64_t offset);

}  // namespace tapir::internal
