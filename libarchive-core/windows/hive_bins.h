#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tapir/base/status.h"
#include "windows/hive_header.h"

namespace tapir {

/// The bins of a hive that is being made, filled with one cell after another. Single-thread.
class HiveBins {
 public:
  /// `last_written` goes to the first bin.
  explicit HiveBins(uint64_t last_written)
      : last_written_(last_written), bytes_(kHiveHeaderBytes, '\0') {}

  /// A cell for this many bytes, all zero: its offset. kInvalidArgument: the hive is full.
  Result<uint32_t> Add(size_t payload_bytes);
  Result<uint32_t> Add(std::string_view payload);

  /// The bytes of a cell, until the next one is added.
  std::byte* At(uint32_t offset);

  /// The whole file, with this at its head; its size of bins is filled in.
  std::string Finish(HiveHeader header);

 private:
  size_t left() const { return bin_end_ - bytes_.size(); }
  void CloseBin();

  uint64_t last_written_;
  std::string bytes_;
  size_t bin_end_ = kHiveHeaderBytes;
};

}  // namespace tapir
