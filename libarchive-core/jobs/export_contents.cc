#include "jobs/export_contents.h"

#include <algorithm>
#include <cstring>

namespace tapir {
namespace {

uint64_t EndOfExtent(const Extent& extent) { return extent.offset_bytes + extent.length_bytes; }

}  // namespace

Status ExportContents::Write(uint32_t number, uint64_t offset_bytes,
                             std::span<const std::byte> data) {
  if (data.empty()) return OkStatus();
  Stream& stream = streams_[number];
  std::vector<Piece>& pieces = stream.pieces;
  if (!pieces.empty() && offset_bytes < EndOfExtent(pieces.back().range)) {
    return Corrupt("data of a stream do not ascend");
  }
  TAPIR_ASSIGN_OR_RETURN(const uint64_t place, spool_.Append(data));
  const bool goes_on = !pieces.empty() && EndOfExtent(pieces.back().range) == offset_bytes &&
                       pieces.back().place + pieces.back().range.length_bytes == place;
  if (goes_on) {
    pieces.back().range.length_bytes += data.size();
  } else {
    pieces.push_back({{offset_bytes, data.size()}, place});
  }
  stream.size = std::max(stream.size, offset_bytes + data.size());
  return OkStatus();
}

uint64_t ExportContents::size(uint32_t number) const {
  const auto found = streams_.find(number);
  return found == streams_.end() ? 0 : found->second.size;
}

std::vector<Extent> ExportContents::Extents(uint32_t number) const {
  std::vector<Extent> extents;
  const auto found = streams_.find(number);
  if (found == streams_.end()) return extents;
  for (const Piece& piece : found->second.pieces) {
    if (!extents.empty() && EndOfExtent(extents.back()) == piece.range.offset_bytes) {
      extents.back().length_bytes += piece.range.length_bytes;
    } else {
      extents.push_back(piece.range);
    }
  }
  return extents;
}

Status ExportContents::Read(uint32_t number, uint64_t offset_bytes, std::span<std::byte> into) {
  std::memset(into.data(), 0, into.size());
  const auto found = streams_.find(number);
  if (found == streams_.end()) return OkStatus();
  const std::vector<Piece>& pieces = found->second.pieces;
  const uint64_t end = offset_bytes + into.size();
  auto piece = std::partition_point(pieces.begin(), pieces.end(), [&](const Piece& one) {
    return EndOfExtent(one.range) <= offset_bytes;
  });
  for (; piece != pieces.end() && piece->range.offset_bytes < end; ++piece) {
    const uint64_t begin = std::max(piece->range.offset_bytes, offset_bytes);
    const uint64_t stop = std::min(EndOfExtent(piece->range), end);
    TAPIR_RETURN_IF_ERROR(spool_.Read(piece->place + (begin - piece->range.offset_bytes),
                                      into.subspan(static_cast<size_t>(begin - offset_bytes),
                                                   static_cast<size_t>(stop - begin))));
  }
  return OkStatus();
}

}  // namespace tapir
