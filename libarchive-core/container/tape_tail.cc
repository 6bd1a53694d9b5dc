#include "container/tape_tail.h"

#include <algorithm>
#include <memory>

#include "tapir/base/limits.h"

namespace tapir {
namespace {

// So many objects behind the last valid block may be unreadable, or none of this volume.
constexpr uint64_t kMaxObjectsBack = 256;

// Goes through the objects of a tape from its end to its beginning.
class BackwardReader {
 public:
  BackwardReader(BlockDevice& device, const Label& label, uint64_t end_object)
      : device_(device),
        label_(label),
        next_(end_object),
        room_(device.traits().max_block_bytes),
        buffer_(std::make_unique_for_overwrite<std::byte[]>(room_)) {}

  bool at_begin() const { return next_ == 0; }

  // The header of the object before; nothing for a mark, or for what is no block of this volume
  // or does not belong there.
  Result<std::optional<BlockHeader>> Previous() {
    const uint64_t object = --next_;
    is_mark_ = false;
    TAPIR_RETURN_IF_ERROR(device_.Locate({object, 0}));
    Result<ReadOutcome> read = device_.Read({buffer_.get(), room_});
    if (!read.ok()) return std::optional<BlockHeader>();
    is_mark_ = read->kind == ReadKind::kFilemark;
    if (read->kind != ReadKind::kData) return std::optional<BlockHeader>();
    Result<BlockHeader> header = DecodeBlockHeader(ByteSpan(buffer_.get(), read->size));
    bool belongs = header.ok() && header->volume_uuid == label_.volume_uuid &&
                   header->block_bytes == read->size && header->place().object == object;
    return belongs ? std::optional(*header) : std::nullopt;
  }
  bool is_mark() const { return is_mark_; }

 private:
  BlockDevice& device_;
  const Label& label_;
  uint64_t next_;
  size_t room_;
  std::unique_ptr<std::byte[]> buffer_;  ///< not cleared: blocks are smaller mostly
  bool is_mark_ = false;
};

// A long END takes several blocks; its chunk begins in the first of them.
Status FindEndPlace(BackwardReader& back, TailBlock& tail) {
  BlockHeader block = tail.header;
  while (block.type == static_cast<uint8_t>(BlockType::kEnd) &&
         block.session_id == tail.header.session_id) {
    if (block.first_chunk != 0) {
      tail.end_place = block.place();
      break;
    }
    if (back.at_begin()) break;
    TAPIR_ASSIGN_OR_RETURN(std::optional<BlockHeader> previous, back.Previous());
    if (!previous) break;
    block = *previous;
  }
  return OkStatus();
}

}  // namespace

Result<TapeTail> FindTapeTail(BlockDevice& device, const Label& label) {
  TAPIR_RETURN_IF_ERROR(device.LocateEnd());
  TapeTail tail;
  tail.end_object = device.position().object;
  BackwardReader back(device, label, tail.end_object);
  uint64_t unreadable = 0;
  uint32_t marks = 0;
  for (uint64_t passed = 0; !back.at_begin() && passed < kMaxObjectsBack; ++passed) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<BlockHeader> header, back.Previous());
    if (!header) {
      back.is_mark() ? ++marks : ++unreadable;
      continue;
    }
    tail.block.header = *header;
    tail.block.highest_block_number = header->block_number + unreadable;
    tail.block.highest_session_number = header->session_number;
    tail.marks_before = header->marks_before + marks;
    TAPIR_RETURN_IF_ERROR(FindEndPlace(back, tail.block));
    return tail;
  }
  return Corrupt("no valid block of this volume near the end of the tape");
}

}  // namespace tapir
