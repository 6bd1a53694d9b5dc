#include "object/placed_range.h"

#include <algorithm>
#include <cstring>

namespace tapir {

void AppendExtent(std::vector<Extent>& extents, const Extent& extent) {
  Extent* last = extents.empty() ? nullptr : &extents.back();
  if (last != nullptr && last->offset_bytes + last->length_bytes == extent.offset_bytes) {
    last->length_bytes += extent.length_bytes;
  } else {
    extents.push_back(extent);
  }
}

std::vector<Extent> ExtentsOf(std::span<const PlacedRange> ranges) {
  std::vector<Extent> extents;
  for (const PlacedRange& range : ranges) {
    AppendExtent(extents, {range.offset_bytes, range.length_bytes});
  }
  return extents;
}

Status ReadPlaced(std::span<const PlacedRange> ranges, uint64_t offset_bytes,
                  std::span<std::byte> buffer, const ReadPlace& read) {
  const uint64_t end = offset_bytes + buffer.size();
  std::memset(buffer.data(), 0, buffer.size());
  auto range = std::ranges::partition_point(ranges, [&](const PlacedRange& one) {
    return one.offset_bytes + one.length_bytes <= offset_bytes;
  });
  for (; range != ranges.end() && range->offset_bytes < end; ++range) {
    const uint64_t begin = std::max(range->offset_bytes, offset_bytes);
    const uint64_t stop = std::min(range->offset_bytes + range->length_bytes, end);
    TAPIR_RETURN_IF_ERROR(read(range->place_bytes + (begin - range->offset_bytes),
                               buffer.subspan(static_cast<size_t>(begin - offset_bytes),
                                              static_cast<size_t>(stop - begin))));
  }
  return OkStatus();
}

}  // namespace tapir
