#include "container/tail_finder.h"

#include <algorithm>
#include <vector>

#include "tapir/base/limits.h"

namespace tapir {
namespace {

// Looked at first: enough for the end of a volume that was finished. Then more each time.
constexpr uint64_t kFirstWindowUnits = (64u << 10) / limits::kUnitBytes;
constexpr uint64_t kMaxWindowUnits = limits::kMaxBlockBytes / limits::kUnitBytes;

// Walks backwards over the valid blocks of a volume.
class BackwardFinder {
 public:
  // Blocks begin below `from_unit` and end at `end_unit` at most.
  BackwardFinder(BlockDevice& device, const Label& label, uint64_t from_unit, uint64_t end_unit)
      : device_(device), label_(label), next_unit_(from_unit), end_unit_(end_unit) {}

  // The last valid block that begins before the one found last; kCorrupt if there is none.
  Result<BlockHeader> Previous() {
    while (next_unit_ > 0) {
      if (next_unit_ <= window_first_unit_ || window_.empty()) TAPIR_RETURN_IF_ERROR(Load());
      uint64_t unit = --next_unit_;
      ByteSpan here = ByteSpan(window_).subspan((unit - window_first_unit_) * limits::kUnitBytes);
      if (!HasBlockMagic(here)) continue;
      Result<BlockHeader> header = DecodeBlockHeader(here);
      bool belongs =
          header.ok() && header->volume_uuid == label_.volume_uuid && header->unit_number == unit;
      if (!belongs) continue;
      highest_block_number_ = std::max(highest_block_number_, header->block_number);
      highest_session_number_ = std::max(highest_session_number_, header->session_number);
      if (header->end_unit() <= end_unit_) return header;
    }
    return Corrupt("no valid block of this volume");
  }

  /// Of all headers met, also of blocks that are cut off.
  uint64_t highest_block_number() const { return highest_block_number_; }
  uint32_t highest_session_number() const { return highest_session_number_; }

 private:
  Status Load() {
    window_first_unit_ = next_unit_ > window_units_ ? next_unit_ - window_units_ : 0;
    window_units_ = std::min(2 * window_units_, kMaxWindowUnits);
    window_.assign((next_unit_ - window_first_unit_) * limits::kUnitBytes, std::byte{0});
    // Units that cannot be read stay zero: they hold no valid header then.
    for (size_t at = 0; at < window_.size();) {
      TAPIR_RETURN_IF_ERROR(device_.Locate({0, window_first_unit_ * limits::kUnitBytes + at}));
      Result<ReadOutcome> read = device_.Read(std::span(window_).subspan(at));
      if (read.ok() && (read->kind != ReadKind::kData || read->size == 0)) break;
      at += read.ok() ? read->size : limits::kUnitBytes;
    }
    return OkStatus();
  }

  BlockDevice& device_;
  const Label& label_;
  std::vector<std::byte> window_;
  uint64_t window_first_unit_ = 0;
  uint64_t window_units_ = kFirstWindowUnits;  ///< of the next one
  uint64_t next_unit_;
  uint64_t end_unit_;
  uint64_t highest_block_number_ = 0;
  uint32_t highest_session_number_ = 0;
};

}  // namespace

Result<TailBlock> FindTailBlock(BlockDevice& device, const Label& label) {
  uint64_t length = static_cast<uint64_t>(std::max<int64_t>(device.LengthBytes(), 0));
  uint64_t end_unit = length / limits::kUnitBytes;
  // The last block may itself end in zeros: it begins before the last data and ends behind it.
  uint64_t data_units =
      RoundUp(device.DataEndBefore(length), limits::kUnitBytes) / limits::kUnitBytes;
  BackwardFinder finder(device, label, data_units, end_unit);
  TailBlock tail;
  TAPIR_ASSIGN_OR_RETURN(tail.header, finder.Previous());
  tail.highest_block_number = finder.highest_block_number();
  tail.highest_session_number = finder.highest_session_number();
  // A long END takes several blocks; its chunk begins in the first of them.
  BlockHeader block = tail.header;
  while (block.type == static_cast<uint8_t>(BlockType::kEnd) &&
         block.session_id == tail.header.session_id) {
    if (block.first_chunk != 0) {
      tail.end_place = block.place();
      break;
    }
    Result<BlockHeader> previous = finder.Previous();
    if (!previous.ok()) break;
    block = *previous;
  }
  return tail;
}

}  // namespace tapir
