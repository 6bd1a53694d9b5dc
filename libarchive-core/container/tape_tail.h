#pragma once

#include <cstdint>

#include "container/tail_finder.h"

namespace tapir {

/// The last valid block of a volume on a tape, and where the next one goes.
struct TapeTail {
  TailBlock block;
  uint64_t end_object = 0;    ///< where the data ends: blocks and marks before it
  uint32_t marks_before = 0;  ///< of those, marks
};

/// Goes to the end of data and back from there until a block of this volume is found whose numbers
/// say that it stands where it was met (format chapter 1.4): kCorrupt if there is none near.
Result<TapeTail> FindTapeTail(BlockDevice& device, const Label& label);

}  // namespace tapir
