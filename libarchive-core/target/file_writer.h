#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.h"
#include "tapir/base/buffer_pool.h"

namespace tapir::target {

/// Writes to one file. Pieces of a MiB and more go past the page cache where the file system can:
/// the copy into the cache, and memory for it, cost more than the disk does. One thread at a time.
class FileWriter {
 public:
  /// `fd` is open for writing and stays the caller's. `pool` lends buffers for data that the disk
  /// cannot take from where it stands; it must outlive this.
  FileWriter(int fd, BufferPool& pool) : fd_(fd), pool_(pool) {}

  /// Writes all of `data`; 0 or errno.
  int WriteAt(uint64_t offset_bytes, std::span<const std::byte> data);

  static constexpr size_t kPoolBufferBytes = 1u << 20;

 private:
  enum class Direct { kUntried, kWorks, kCannot };

  int WriteBuffered(uint64_t offset_bytes, std::span<const std::byte> data);
  size_t WriteDirect(uint64_t offset_bytes, std::span<const std::byte> data);

  int fd_;
  BufferPool& pool_;
  Direct direct_ = Direct::kUntried;
  Descriptor direct_fd_;
};

}  // namespace tapir::target
