#include "windows/hive_bins.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tapir {
namespace {

constexpr size_t kCellUnit = 8;

size_t CellBytesFor(size_t payload_bytes) {
  return RoundUp(payload_bytes + sizeof(int32_t), kCellUnit);
}

}  // namespace

Result<uint32_t> HiveBins::Add(size_t payload_bytes) {
  const size_t cell_bytes = CellBytesFor(payload_bytes);
  auto room = rooms_.lower_bound(cell_bytes);
  if (room == rooms_.end()) {
    TAPIR_ASSIGN_OR_RETURN(room, AddBin(cell_bytes));
  }
  return Take(room, cell_bytes);
}

Result<uint32_t> HiveBins::AddBehind(std::string_view payload) {
  const size_t cell_bytes = CellBytesFor(payload.size());
  TAPIR_ASSIGN_OR_RETURN(const Rooms::iterator room, AddBin(cell_bytes));
  const uint32_t offset = Take(room, cell_bytes);
  std::ranges::copy(AsBytes(payload), At(offset));
  return offset;
}

uint32_t HiveBins::Take(Rooms::iterator room, size_t cell_bytes) {
  const auto [room_bytes, at] = *room;
  rooms_.erase(room);
  AddRoom(at + cell_bytes, room_bytes - cell_bytes);
  SetSize(at, -static_cast<uint32_t>(cell_bytes));
  return static_cast<uint32_t>(at - kHiveHeaderBytes);
}

Result<HiveBins::Rooms::iterator> HiveBins::AddBin(size_t cell_bytes) {
  const size_t begin = bytes_.size();
  const size_t offset = begin - kHiveHeaderBytes;
  const size_t bin_bytes = RoundUp(cell_bytes + kBinHeaderBytes, kHivePageBytes);
  if (bin_bytes > kMostHiveBytes - offset) return InvalidArgument("a hive of more than 2 GiB");
  WriteCursor to(bytes_);
  to.Text(kBinMagic);
  to.U32(static_cast<uint32_t>(offset));
  to.U32(static_cast<uint32_t>(bin_bytes));
  to.U64(0);
  to.U64(offset == 0 ? last_written_ : 0);
  to.U32(0);
  bytes_.resize(begin + bin_bytes, '\0');
  return AddRoom(begin + kBinHeaderBytes, bin_bytes - kBinHeaderBytes);
}

// What is left becomes a free cell, if anything is.
HiveBins::Rooms::iterator HiveBins::AddRoom(size_t at, size_t bytes) {
  if (bytes == 0) return rooms_.end();
  SetSize(at, static_cast<uint32_t>(bytes));
  return rooms_.emplace(bytes, at);
}

void HiveBins::SetSize(size_t at, uint32_t size) {
  StoreLe(std::as_writable_bytes(std::span(bytes_)).data() + at, size);
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

std::string HiveBins::Finish(HiveHeader header) {
  header.bins_bytes = static_cast<uint32_t>(bytes_.size() - kHiveHeaderBytes);
  std::ranges::copy(BuildHiveHeader(header), bytes_.begin());
  return std::move(bytes_);
}

}  // namespace tapir
