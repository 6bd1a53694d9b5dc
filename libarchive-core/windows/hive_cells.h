#pragma once

#include <cstdint>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/base/status.h"

namespace tapir {

/// The cells of a hive that anybody may have made. Views point into its bytes. Memory: a 32nd of
/// them. Any thread.
class HiveCells {
 public:
  /// Goes through the bins that the head of the hive counts, and their cells. kTruncated or
  /// kCorrupt with the offset in the file: a bin or cell does not fit into what it lies in.
  static Result<HiveCells> Of(ByteSpan hive);

  /// What a used cell holds, by its offset in the bins. kCorrupt: none begins there.
  Result<ByteSpan> Cell(uint32_t offset) const;

  /// All bins, without the head.
  ByteSpan bins() const { return bins_; }

 private:
  explicit HiveCells(ByteSpan bins);
  Status WalkBin(size_t begin, size_t end);

  ByteSpan bins_;
  std::vector<bool> begins_;  // by 4 bytes: a used cell begins here
};

/// "at byte 0x1234", of the file.
std::string CellPlace(uint64_t offset_in_bins);

}  // namespace tapir
