#include "windows/hive_cells.h"

#include <fmt/format.h>

#include "windows/hive_header.h"

namespace tapir {
namespace {

constexpr size_t kCellAlignment = 4;
constexpr size_t kLeastCellBytes = 8;

// Of a cell with its size field, which is negative while the cell is in use. Nothing fits into the
// result for a size that cannot be negated.
uint64_t CellBytes(int32_t stored) {
  return stored < 0 ? static_cast<uint64_t>(-static_cast<int64_t>(stored))
                    : static_cast<uint64_t>(stored);
}

}  // namespace

std::string CellPlace(uint64_t offset_in_bins) {
  return fmt::format("at byte {:#x}", kHiveHeaderBytes + offset_in_bins);
}

HiveCells::HiveCells(ByteSpan bins) : bins_(bins), begins_(bins.size() / kCellAlignment) {}

Result<HiveCells> HiveCells::Of(ByteSpan hive) {
  const std::optional<HiveHeader> header = ReadHiveHeader(hive);
  if (!header || hive.size() < kHiveHeaderBytes + kHivePageBytes) {
    return Truncated("a hive of " + std::to_string(hive.size()) + " bytes");
  }
  if (header->bins_bytes == 0 || header->bins_bytes % kHivePageBytes != 0) {
    return Corrupt(fmt::format("at byte 0x28: a size of bins of {:#x}", header->bins_bytes));
  }
  if (header->bins_bytes > hive.size() - kHiveHeaderBytes) {
    return Truncated(
        fmt::format("a hive of {} bytes whose bins have {}", hive.size(), header->bins_bytes));
  }
  HiveCells cells(hive.subspan(kHiveHeaderBytes, header->bins_bytes));
  for (size_t at = 0; at < cells.bins_.size();) {
    ReadCursor from(cells.bins_.subspan(at));
    const bool has_magic = from.ReadText(kBinMagic.size()) == kBinMagic;
    const uint32_t offset = from.U32();
    const uint32_t size = from.U32();
    if (!has_magic || offset != at || size == 0 || size % kHivePageBytes != 0 ||
        size > cells.bins_.size() - at) {
      return Corrupt(CellPlace(at) + ": not the head of a bin");
    }
    TAPIR_RETURN_IF_ERROR(cells.WalkBin(at + kBinHeaderBytes, at + size));
    at += size;
  }
  return cells;
}

Status HiveCells::WalkBin(size_t begin, size_t end) {
  while (begin < end) {
    const auto stored = LoadLe<int32_t>(bins_.data() + begin);
    const uint64_t size = CellBytes(stored);
    if (size < kLeastCellBytes || size % kCellAlignment != 0 || size > end - begin) {
      return Corrupt(CellPlace(begin) + fmt::format(": a cell of {} bytes", size));
    }
    begins_[begin / kCellAlignment] = stored < 0;
    begin += size;
  }
  return OkStatus();
}

Result<ByteSpan> HiveCells::Cell(uint32_t offset) const {
  const bool is_used =
      offset % kCellAlignment == 0 && offset < bins_.size() && begins_[offset / kCellAlignment];
  if (!is_used) return Corrupt(CellPlace(offset) + ": no used cell");
  const uint64_t size = CellBytes(LoadLe<int32_t>(bins_.data() + offset));
  return bins_.subspan(offset, size).subspan(sizeof(int32_t));
}

}  // namespace tapir
