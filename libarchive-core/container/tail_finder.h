#pragma once

#include <optional>

#include "container/block_header.h"
#include "container/session_records.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// The last valid block of a volume on a device that locates by unit.
struct TailBlock {
  BlockHeader header;
  /// If it is of type END: where that END's chunk begins.
  std::optional<BlockPlace> end_place;
  /// Of this block and of valid headers behind it, whose blocks are cut off by the end.
  uint64_t highest_block_number = 0;
  uint32_t highest_session_number = 0;
};

/// Searches backwards from the end of the file (format chapter 1.4): kCorrupt if there is no valid
/// block of this volume at all.
Result<TailBlock> FindTailBlock(BlockDevice& device, const Label& label);

}  // namespace tapir
