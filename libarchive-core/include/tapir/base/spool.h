#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tapir/base/status.h"

namespace tapir {

/// Bytes that grow at the end and can be read back: in memory up to a cap, beyond it in a temporary
/// file without a name ($TMPDIR, else /tmp, else /var/tmp). Single-thread.
class Spool {
 public:
  explicit Spool(size_t memory_cap_bytes);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Returns the offset at which the bytes begin.
  Result<uint64_t> Append(std::span<const std::byte> bytes);
  /// Fills `out` from `offset`; kInternal if that reaches over the end.
  Status Read(uint64_t offset, std::span<std::byte> out);
  uint64_t size() const { return file_bytes_ + buffer_.size(); }

 private:
  Status Flush();

  size_t memory_cap_bytes_;
  std::string buffer_;       ///< what is not in the file yet
  uint64_t file_bytes_ = 0;  ///< in the file
  int fd_ = -1;
};

}  // namespace tapir
