#include "container/chunk_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tapir {
namespace {

std::shared_ptr<AlignedBuffer> NewBuffer(size_t size, BufferPool* pool) {
  bool fits = pool != nullptr && size <= pool->buffer_bytes();
  return fits ? pool->Take() : std::make_shared<AlignedBuffer>(size);
}

// The stored payload in one piece; copied only if it lies in several blocks.
ByteSpan Gather(const Chunk& chunk, BufferPool* pool, std::shared_ptr<const void>& owner) {
  if (chunk.pieces.empty()) return {};
  if (chunk.pieces.size() == 1) {
    owner = chunk.pieces.front().block;
    return chunk.pieces.front().bytes;
  }
  std::shared_ptr<AlignedBuffer> joined = NewBuffer(chunk.header.stored_bytes, pool);
  size_t at = 0;
  for (const Chunk::Piece& piece : chunk.pieces) {
    std::memcpy(joined->data() + at, piece.bytes.data(), piece.bytes.size());
    at += piece.bytes.size();
  }
  owner = joined;
  return {joined->data(), at};
}

DamageKind KindOf(SkippedRange::Why why) {
  switch (why) {
    case SkippedRange::Why::kUnsupported: return DamageKind::kUnsupported;
    // A block that reaches over the end was being written when the writing stopped.
    case SkippedRange::Why::kTruncated:
    case SkippedRange::Why::kZeros: return DamageKind::kUnusedTail;
    case SkippedRange::Why::kInvalid:
    case SkippedRange::Why::kForeign: break;
  }
  return DamageKind::kBlock;
}

}  // namespace

Result<RawChunk> ExpandChunk(const Chunk& chunk, Decompressor& decompressor, BufferPool* pool) {
  RawChunk raw{chunk.header, chunk.locator, chunk.session_number, nullptr, {}};
  std::shared_ptr<const void> owner;
  ByteSpan stored = Gather(chunk, pool, owner);
  if (chunk.header.codec == static_cast<uint8_t>(Codec::kStored)) {
    TAPIR_RETURN_IF_ERROR(CheckRaw(chunk.header, stored));
    raw.owner = std::move(owner);
    raw.bytes = stored;
    return raw;
  }
  std::shared_ptr<AlignedBuffer> expanded = NewBuffer(chunk.header.raw_bytes, pool);
  std::span<std::byte> out = expanded->span().first(chunk.header.raw_bytes);
  TAPIR_RETURN_IF_ERROR(ExpandChunk(chunk.header, stored, decompressor, out));
  raw.owner = std::move(expanded);
  raw.bytes = out;
  return raw;
}

Damage BodyDamage(const BlockHeader& header) {
  return {DamageKind::kBlock,
          header.place().object,
          header.place().unit,
          header.block_bytes,
          header.session_number,
          "body checksum of block " + std::to_string(header.block_number) + " differs",
          {}};
}

ChunkReader::ChunkReader(BlockDevice& device, BlockReader::Options options)
    : blocks_(device, std::move(options)) {}

Status ChunkReader::Seek(const BlockPlace& place) { return Seek(Locator{place, 0}); }

Status ChunkReader::Seek(const Locator& locator) {
  queue_.clear();
  block_ = nullptr;
  pending_.reset();
  sequence_known_ = false;
  seek_offset_ = locator.offset_bytes;
  return blocks_.Seek(locator.block);
}

Result<ChunkEvent> ChunkReader::Next() {
  for (;;) {
    if (!queue_.empty()) {
      ChunkEvent event = std::move(queue_.front());
      queue_.pop_front();
      return event;
    }
    if (block_) {
      if (std::optional<ChunkEvent> event = TakeFromBlock()) return *std::move(event);
      if (!queue_.empty()) continue;
    }
    block_ = nullptr;
    TAPIR_RETURN_IF_ERROR(ReadBlock());
  }
}

void ChunkReader::AddDamage(DamageKind kind, const BlockPlace& place, uint64_t length,
                            std::string text) {
  ChunkEvent event;
  event.kind = ChunkEvent::Kind::kDamage;
  event.damage = {kind, place.object, place.unit, length, session_number_, std::move(text), {}};
  queue_.push_back(std::move(event));
}

void ChunkReader::DropPending(const char* why) {
  if (!pending_) return;
  AddDamage(DamageKind::kChunk, pending_->locator.block, 0,
            "chunk " + std::to_string(pending_->header.sequence) + " is cut off: " + why);
  // It counts as missing before the next chunk that is found: next_sequence_ stays.
  pending_.reset();
}

Status ChunkReader::ReadBlock() {
  TAPIR_ASSIGN_OR_RETURN(BlockEvent event, blocks_.Next());
  // The offset of a locator is good for its own block only.
  if (event.kind != BlockEvent::Kind::kBlock) seek_offset_ = 0;
  switch (event.kind) {
    case BlockEvent::Kind::kBlock: EnterBlock(event.block); return OkStatus();
    case BlockEvent::Kind::kSkipped: {
      const SkippedRange& skipped = event.skipped;
      // Zeros behind a whole volume are no part of it (format chapter 1.4).
      if (skipped.why == SkippedRange::Why::kZeros && may_end_here_) return OkStatus();
      // Block numbers tell afterwards whether anything of a chunk that is being put together lay
      // here, or only what does not belong.
      AddDamage(KindOf(skipped.why), {skipped.object, skipped.first_unit}, skipped.bytes,
                skipped.text);
      return OkStatus();
    }
    case BlockEvent::Kind::kFilemark:
    case BlockEvent::Kind::kEnd: {
      bool at_end = event.kind == BlockEvent::Kind::kEnd;
      DropPending(at_end ? "the volume ends" : "a filemark follows");
      ChunkEvent out;
      out.kind = at_end ? ChunkEvent::Kind::kEnd : ChunkEvent::Kind::kFilemark;
      queue_.push_back(std::move(out));
      return OkStatus();
    }
  }
  return Internal("unknown block event");
}

void ChunkReader::EnterBlock(const std::shared_ptr<const Block>& block) {
  const BlockHeader& header = block->header;
  blocks_read_ += 1;
  bytes_read_ += header.block_bytes;
  end_unit_ = header.end_unit();
  next_block_number_ = header.block_number + 1;
  bool same_session = header.session_id == session_id_;
  if (pending_ && (!same_session || header.type != pending_->section || header.aligned() ||
                   block->missing_before > 0)) {
    DropPending("another block follows");
  }
  if (!same_session) {
    session_id_ = header.session_id;
    sequence_known_ = false;
  }
  session_number_ = header.session_number;
  if (tells_blocks_) {
    ChunkEvent entered;
    entered.kind = ChunkEvent::Kind::kBlock;
    entered.block = block;
    queue_.push_back(std::move(entered));
  }
  if (block->missing_before > 0) {
    AddDamage(DamageKind::kBlock, header.place(), 0,
              std::to_string(block->missing_before) + " blocks are missing before block " +
                  std::to_string(header.block_number));
  }
  if (!block->device_error.empty()) {
    AddDamage(DamageKind::kDevice, header.place(), header.block_bytes, block->device_error);
  }
  if (!block->body_intact) {
    ChunkEvent event;
    event.kind = ChunkEvent::Kind::kDamage;
    event.damage = BodyDamage(header);
    queue_.push_back(std::move(event));
  }
  if ((header.type & kAncillaryBlockBit) != 0) return;
  if (BlockTypeName(header.type) == "unknown") {
    AddDamage(DamageKind::kUnsupported, header.place(), header.block_bytes,
              "block type " + std::to_string(header.type) + " is not known");
    return;
  }
  block_ = block;
  payload_end_ = kBlockHeaderBytes + size_t{header.payload_bytes};
  at_ = pending_ ? kBlockHeaderBytes : header.first_chunk == 0 ? payload_end_ : header.first_chunk;
  if (seek_offset_ != 0) at_ = std::min<size_t>(std::exchange(seek_offset_, 0u), payload_end_);
}

// One chunk from the current block; nothing if it has no more, or if there is something in the
// queue.
std::optional<ChunkEvent> ChunkReader::TakeFromBlock() {
  if (!pending_) {
    if (at_ + kChunkHeaderBytes > payload_end_) return std::nullopt;
    if (!StartChunk()) return std::nullopt;
  }
  size_t piece = std::min(pending_missing_, payload_end_ - at_);
  if (piece > 0) {
    pending_->pieces.push_back({block_, block_->bytes.subspan(at_, piece)});
    pending_->in_damaged_block |= !block_->body_intact;
    at_ += piece;
    pending_missing_ -= piece;
  }
  if (pending_missing_ > 0) return std::nullopt;
  at_ = static_cast<size_t>(RoundUp(at_, kChunkAlignBytes));
  return FinishChunk();
}

bool ChunkReader::StartChunk() {
  Result<ChunkHeader> header = DecodeChunkHeader(block_->bytes.subspan(at_), session_id_);
  if (header.ok() && header->aligned() &&
      (!block_->header.aligned() ||
       kAlignedDataOffset + size_t{header->stored_bytes} > block_->bytes.size())) {
    header = Corrupt("an aligned chunk outside an aligned block");
  }
  if (!header.ok()) {
    AddDamage(DamageKind::kChunk, block_->header.place(), 0,
              "chunk header at offset " + std::to_string(at_) + " of block " +
                  std::to_string(block_->header.block_number) + ": " + header.status().message());
    Resynchronise();
    return false;
  }
  pending_.emplace();
  pending_->header = *header;
  pending_->locator = {block_->header.place(), static_cast<uint32_t>(at_)};
  pending_->section = block_->header.type;
  pending_->session_id = session_id_;
  pending_->session_number = block_->header.session_number;
  pending_->read_features = block_->header.read_features;
  pending_->last_end = block_->header.last_end;
  pending_->in_damaged_block = !block_->body_intact;
  pending_missing_ = header->stored_bytes;
  at_ = header->aligned() ? kAlignedDataOffset : at_ + kChunkHeaderBytes;
  return true;
}

// The header at at_ is no good: goes to the next one in this block that is, or to its end.
void ChunkReader::Resynchronise() {
  for (at_ += kChunkAlignBytes; at_ + kChunkHeaderBytes <= payload_end_; at_ += kChunkAlignBytes) {
    ByteSpan here = block_->bytes.subspan(at_);
    if (HasChunkMagic(here) && DecodeChunkHeader(here, session_id_).ok()) return;
  }
  at_ = payload_end_;
}

ChunkEvent ChunkReader::FinishChunk() {
  ChunkEvent event;
  event.kind = ChunkEvent::Kind::kChunk;
  event.chunk = *std::exchange(pending_, std::nullopt);
  uint64_t sequence = event.chunk.header.sequence;
  // The second END repeats the sequence of the first.
  bool second_end = event.chunk.header.is(ChunkKind::kEnd) && sequence + 1 == next_sequence_;
  may_end_here_ = second_end || event.chunk.header.is(ChunkKind::kLabel);
  if (sequence_known_ && !second_end) {
    if (sequence > next_sequence_) event.chunk.missing_before = sequence - next_sequence_;
    if (sequence < next_sequence_) {
      AddDamage(DamageKind::kChunk, event.chunk.locator.block, 0,
                "chunk " + std::to_string(sequence) + " stands behind chunk " +
                    std::to_string(next_sequence_ - 1));
      event = std::move(queue_.front());
      queue_.pop_front();
      return event;
    }
  } else if (!sequence_known_ && event.chunk.header.is(ChunkKind::kStart)) {
    event.chunk.missing_before = sequence;
  }
  sequence_known_ = true;
  next_sequence_ = sequence + 1;
  return event;
}

}  // namespace tapir
