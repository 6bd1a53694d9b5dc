#include "jobs/live_contents.h"

#include <algorithm>

#include "object/content_digester.h"
#include "tapir/base/buffer_pool.h"

namespace tapir {
namespace {

constexpr size_t kBufferBytes = 512u << 10;

using Advance = std::function<Status(uint64_t)>;

std::span<std::byte> ThreadBuffer() {
  thread_local AlignedBuffer buffer(kBufferBytes);
  return buffer.span();
}

// Hands the bytes of a range to `take`, which says whether to go on. False: it said no, or the file
// is shorter.
template <typename Take>
Result<bool> ReadRange(SourceObject& live, const Extent& range, const Advance& advance, Take take) {
  std::span<std::byte> buffer = ThreadBuffer();
  uint64_t end = range.offset_bytes + range.length_bytes;
  for (uint64_t at = range.offset_bytes; at < end;) {
    size_t wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), end - at));
    TAPIR_ASSIGN_OR_RETURN(size_t got, live.ReadAt(at, buffer.first(wanted)));
    if (got < wanted || !take(at, ByteSpan(buffer.first(got)))) return false;
    at += got;
    TAPIR_RETURN_IF_ERROR(advance(got));
  }
  return true;
}

Result<bool> HoldsSmall(SourceObject& live, const StreamEnd& end, const Advance& advance) {
  std::span<std::byte> contents = ThreadBuffer().first(static_cast<size_t>(end.size));
  TAPIR_ASSIGN_OR_RETURN(size_t got, live.ReadAt(0, contents));
  TAPIR_RETURN_IF_ERROR(advance(got));
  return got == end.size && ComputeDigest128(contents) == end.digests.xxh128;
}

Result<bool> HoldsPlain(SourceObject& live, bool may_have_holes, const StreamEnd& end,
                        const Advance& advance) {
  std::vector<Extent> extents;
  if (may_have_holes) {
    TAPIR_ASSIGN_OR_RETURN(extents, live.Extents(end.size));
  } else if (end.size > 0) {
    extents.push_back({0, end.size});
  }
  StreamDigester digester(end.has_sha256);
  uint64_t at = 0;
  for (const Extent& extent : extents) {
    digester.UpdateZeros(extent.offset_bytes - at);
    TAPIR_RETURN_IF_ERROR(advance(extent.offset_bytes - at));
    TAPIR_ASSIGN_OR_RETURN(bool whole,
                           ReadRange(live, extent, advance, [&](uint64_t, ByteSpan data) {
                             digester.Update(data);
                             return true;
                           }));
    if (!whole) return false;
    at = extent.offset_bytes + extent.length_bytes;
  }
  digester.UpdateZeros(end.size - at);
  TAPIR_RETURN_IF_ERROR(advance(end.size - at));
  return digester.Finish() == end.digests;
}

// What lies in holes of the archived file has to be zeros in the live one.
Result<bool> IsZeroBetween(SourceObject& live, const ArchivedContents& archived,
                           const Advance& advance) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<Extent> extents, live.Extents(archived.end.size));
  auto data = archived.extents.begin();
  for (const Extent& extent : extents) {
    uint64_t at = extent.offset_bytes;
    uint64_t end = at + extent.length_bytes;
    while (at < end) {
      while (data != archived.extents.end() && data->offset_bytes + data->length_bytes <= at)
        ++data;
      uint64_t hole_end = data == archived.extents.end() ? end : std::min(end, data->offset_bytes);
      if (at < hole_end) {
        TAPIR_ASSIGN_OR_RETURN(bool zero,
                               ReadRange(live, {at, hole_end - at}, advance,
                                         [](uint64_t, ByteSpan bytes) { return AllZero(bytes); }));
        if (!zero) return false;
      }
      at = data == archived.extents.end()
               ? end
               : std::max(hole_end, data->offset_bytes + data->length_bytes);
    }
  }
  return true;
}

// The digest is taken over the ranges that were data when the file was archived.
Result<bool> HoldsMapped(SourceObject& live, const ArchivedContents& archived,
                         const Advance& advance) {
  ContentDigester digester(archived.end.has_sha256);
  for (const Extent& extent : archived.extents) {
    TAPIR_ASSIGN_OR_RETURN(bool whole,
                           ReadRange(live, extent, advance, [&](uint64_t at, ByteSpan data) {
                             digester.Data(at, data);
                             return true;
                           }));
    if (!whole) return false;
  }
  ContentDigester::Outcome outcome = digester.Finish(archived.end.size);
  if (!outcome.map_form || outcome.digests != archived.end.digests) return false;
  return IsZeroBetween(live, archived, advance);
}

}  // namespace

Result<bool> HoldsContents(SourceObject& live, bool may_have_holes,
                           const ArchivedContents& archived, const Advance& advance) {
  const StreamEnd& end = archived.end;
  if (end.map_digest) return HoldsMapped(live, archived, advance);
  bool small = end.size <= kBufferBytes && !end.has_sha256;
  if (small) return HoldsSmall(live, end, advance);
  return HoldsPlain(live, may_have_holes, end, advance);
}

}  // namespace tapir
