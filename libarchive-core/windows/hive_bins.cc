#include "windows/hive_bins.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tapir {
namespace {

constexpr size_t kCellUnit = 8;

}  // namespace

Result<uint32_t> HiveBins::Add(size_t payload_bytes) {
  const size_t cell_bytes = RoundUp(payload_bytes + sizeof(int32_t), kCellUnit);
  WriteCursor to(bytes_);
  if (cell_bytes > left()) {
    CloseBin();
    const size_t bin_bytes = RoundUp(cell_bytes + kBinHeaderBytes, kHivePageBytes);
    const size_t offset = bytes_.size() - kHiveHeaderBytes;
    if (bin_bytes > kMostHiveBytes - offset) return InvalidArgument("a hive of more than 2 GiB");
    to.Text(kBinMagic);
    to.U32(static_cast<uint32_t>(offset));
    to.U32(static_cast<uint32_t>(bin_bytes));
    to.U64(0);
    to.U64(offset == 0 ? last_written_ : 0);
    to.U32(0);
    bin_end_ = kHiveHeaderBytes + offset + bin_bytes;
  }
  const size_t offset = bytes_.size() - kHiveHeaderBytes;
  to.U32(-static_cast<uint32_t>(cell_bytes));
  to.Zeros(cell_bytes - sizeof(int32_t));
  return static_cast<uint32_t>(offset);
}

Result<uint32_t> HiveBins::Add(std::string_view payload) {
  TAPIR_ASSIGN_OR_RETURN(const uint32_t offset, Add(payload.size()));
  std::ranges::copy(AsBytes(payload), At(offset));
  return offset;
}

std::byte* HiveBins::At(uint32_t offset) {
  const size_t at = kHiveHeaderBytes + offset + sizeof(int32_t);
  return std::as_writable_bytes(std::span(bytes_)).data() + at;
}

// What is left becomes a free cell.
void HiveBins::CloseBin() {
  if (left() == 0) return;
  const size_t free_bytes = left();
  WriteCursor(bytes_).U32(static_cast<uint32_t>(free_bytes));
  bytes_.resize(bin_end_, '\0');
}

std::string HiveBins::Finish(HiveHeader header) {
  CloseBin();
  header.bins_bytes = static_cast<uint32_t>(bytes_.size() - kHiveHeaderBytes);
  std::ranges::copy(BuildHiveHeader(header), bytes_.begin());
  return std::move(bytes_);
}

}  // namespace tapir
