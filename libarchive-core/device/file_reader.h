#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "device/read_ahead.h"
#include "device/transfer.h"

namespace tapir::internal {

/// Reads a file at any place and finds out when it is read in sequence. Not thread-safe.
class FileReader {
 public:
  /// `descriptor` must outlive this. Without `direct_io` the page cache is never passed by.
  FileReader(int descriptor, bool direct_io, size_t read_ahead_bytes);

  /// Reads up to the size of `buffer`; fewer bytes, or none, at the end of the file or before a bad
  /// place. An error is told when no byte could be read.
  TransferResult Read(uint64_t offset, std::span<std::byte> buffer);
  /// Forgets what was read ahead, because the file has changed.
  void Reset();

  /// Whether it now reads past the page cache.
  bool reads_directly() const { return reads_directly_; }

 private:
  void Decide(uint64_t offset);
  bool IsCached(uint64_t offset) const;
  bool OpenReadAhead();

  const int descriptor_;
  const size_t read_ahead_bytes_;
  bool direct_io_;
  Descriptor direct_;
  std::unique_ptr<ReadAhead> read_ahead_;

  uint64_t next_offset_ = 0;
  uint64_t sequential_bytes_ = 0;  // read without a gap up to next_offset_
  uint64_t next_decision_ = 0;     // in sequential_bytes_
  bool reads_directly_ = false;
};

}  // namespace tapir::internal
