#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// A range of a stream with data, and where these lie in the file or image it is read from.
struct PlacedRange {
  uint64_t offset_bytes = 0;  ///< in the stream
  uint64_t length_bytes = 0;
  uint64_t place_bytes = 0;
};

/// Adds a range behind those that are there, joined with the last one if they are adjacent.
void AppendExtent(std::vector<Extent>& extents, const Extent& extent);

/// The ranges without their places.
std::vector<Extent> ExtentsOf(std::span<const PlacedRange> ranges);

/// Fills `buffer` with what stands at `offset_bytes` of a stream: what `read` gives of the ranges,
/// which are ascending and disjoint, else zeros. Fails as `read` does. Any thread.
using ReadPlace = std::function<Status(uint64_t place_bytes, std::span<std::byte> into)>;
Status ReadPlaced(std::span<const PlacedRange> ranges, uint64_t offset_bytes,
                  std::span<std::byte> buffer, const ReadPlace& read);

}  // namespace tapir
