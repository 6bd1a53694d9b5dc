#include "container/block_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "container/chunk_header.h"

namespace tapir {
namespace {

// A medium that fails this often without one good read between is given up.
constexpr unsigned kMaxErrorsInARow = 256;
// Beyond it, byte offsets do not fit into what files are addressed with.
constexpr uint64_t kMaxUnit = (uint64_t{1} << 63) / limits::kUnitBytes - 1;

size_t WindowBytes(const BlockDevice& device, size_t max_block_bytes) {
  constexpr size_t kWindowBytes = 4u << 20;
  return device.traits().keeps_block_boundaries ? max_block_bytes
                                                : std::max(kWindowBytes, max_block_bytes);
}

SkippedRange::Why WhyOf(const Status& status, ByteSpan bytes) {
  switch (status.code()) {
    case StatusCode::kUnsupported: return SkippedRange::Why::kUnsupported;
    case StatusCode::kTruncated: return SkippedRange::Why::kTruncated;
    case StatusCode::kForeign:
      return HasBlockMagic(bytes) ? SkippedRange::Why::kForeign : SkippedRange::Why::kInvalid;
    default: return SkippedRange::Why::kInvalid;
  }
}

// As BlockBodyIntact, and of an ALIGNED block the chunk's data too.
bool BlockContentsIntact(const BlockHeader& header, ByteSpan block) {
  if (!BlockBodyIntact(header, block)) return false;
  if (!header.aligned()) return true;
  Result<ChunkHeader> chunk =
      DecodeChunkHeader(block.subspan(kBlockHeaderBytes), header.session_id);
  bool fits = chunk.ok() && chunk->raw_bytes <= block.size() - kAlignedDataOffset;
  return fits && CheckRaw(*chunk, block.subspan(kAlignedDataOffset, chunk->raw_bytes)).ok();
}

}  // namespace

BlockReader::BlockReader(BlockDevice& device, Options options)
    : device_(device),
      options_(std::move(options)),
      pool_(WindowBytes(device, options_.max_block_bytes)),
      offset_bytes_(device.position().offset_bytes) {}

Status BlockReader::Seek(const BlockPlace& place) {
  if (place.unit > kMaxUnit) return Corrupt("block place out of range");
  uint64_t offset_bytes = place.unit * limits::kUnitBytes;
  TAPIR_RETURN_IF_ERROR(device_.Locate({place.object, offset_bytes}));
  window_ = nullptr;
  begin_ = end_ = 0;
  offset_bytes_ = offset_bytes;
  at_end_ = false;
  fill_bytes_ = kPeekBytes;
  last_block_number_.reset();
  device_error_.clear();
  return OkStatus();
}

Result<BlockEvent> BlockReader::Next() {
  return device_.traits().keeps_block_boundaries ? NextByRecords() : NextByUnits();
}

Result<ByteSpan> BlockReader::Peek() {
  if (device_.traits().keeps_block_boundaries) return ByteSpan();
  TAPIR_RETURN_IF_ERROR(Fill(std::min<size_t>(kPeekBytes, options_.max_block_bytes)));
  return available();
}

ByteSpan BlockReader::available() const {
  return window_ ? ByteSpan(window_->span()).subspan(begin_, end_ - begin_) : ByteSpan();
}

void BlockReader::Drop(size_t bytes) {
  begin_ += bytes;
  offset_bytes_ += bytes;
}

Status BlockReader::StepOverBadUnit(const Status& failure) {
  if (!device_.traits().can_locate || ++errors_in_a_row_ > kMaxErrorsInARow) return failure;
  uint64_t bad = offset_bytes_ + (end_ - begin_);
  uint64_t next = RoundUp(bad + 1, limits::kUnitBytes);
  int64_t length = device_.LengthBytes();
  if (length >= 0 && next > static_cast<uint64_t>(length)) next = static_cast<uint64_t>(length);
  if (next <= bad) return failure;
  size_t gap = std::min<size_t>(next - bad, window_->size() - end_);
  std::memset(window_->data() + end_, 0, gap);
  end_ += gap;
  if (device_error_.empty()) device_error_ = failure.message();
  return device_.Locate({0, bad + gap});
}

// Makes `wanted_bytes` available, or all there is. What was used of the window stays untouched,
// since blocks that were handed out lie in it.
Status BlockReader::Fill(size_t wanted_bytes) {
  if (end_ - begin_ >= wanted_bytes || at_end_) return OkStatus();
  if (!window_ || begin_ + wanted_bytes > window_->size() || begin_ == end_) {
    std::shared_ptr<AlignedBuffer> fresh = pool_.Take();
    if (end_ > begin_) std::memcpy(fresh->data(), window_->data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    window_ = std::move(fresh);
  }
  while (end_ - begin_ < wanted_bytes) {
    Result<ReadOutcome> read =
        device_.Read(window_->span().subspan(end_, begin_ + wanted_bytes - end_));
    if (!read.ok()) {
      TAPIR_RETURN_IF_ERROR(StepOverBadUnit(read.status()));
      continue;
    }
    errors_in_a_row_ = 0;
    if (read->kind != ReadKind::kData || read->size == 0) {
      at_end_ = true;
      break;
    }
    end_ += read->size;
  }
  return OkStatus();
}

// Fills the window if fewer than `needed_bytes` are there: more each time, so that looking at one
// place costs little and reading on costs few calls.
Status BlockReader::FillFor(size_t needed_bytes) {
  if (available().size() >= needed_bytes) return OkStatus();
  size_t wanted = std::max(needed_bytes, fill_bytes_);
  fill_bytes_ = std::min<size_t>(2 * fill_bytes_, options_.max_block_bytes);
  return Fill(std::min<size_t>(wanted, options_.max_block_bytes));
}

Status BlockReader::CheckBelongs(const BlockHeader& header) const {
  if (options_.volume_uuid && header.volume_uuid != *options_.volume_uuid) {
    return Foreign("a block of volume " + FormatUuid(header.volume_uuid));
  }
  if (!device_.traits().keeps_block_boundaries &&
      header.unit_number != offset_bytes_ / limits::kUnitBytes) {
    return Foreign("a block that belongs at unit " + std::to_string(header.unit_number));
  }
  if (last_block_number_ && header.block_number <= *last_block_number_) {
    return Foreign("block " + std::to_string(header.block_number) + " stands behind block " +
                   std::to_string(*last_block_number_));
  }
  if (header.block_bytes > options_.max_block_bytes) {
    return LimitExceeded("block longer than the volume's maximum");
  }
  return OkStatus();
}

Result<BlockHeader> BlockReader::HeaderHere() const {
  Result<BlockHeader> header = DecodeBlockHeader(available());
  if (!header.ok()) return header;
  Status belongs = CheckBelongs(*header);
  if (!belongs.ok()) return belongs;
  return header;
}

// The header of a later block of this volume that stands where the body of `block` should be:
// whoever wrote `block` was stopped, and the next session begins behind what came to the medium.
std::optional<BlockHeader> BlockReader::HeaderInside(const BlockHeader& header,
                                                     ByteSpan block) const {
  for (size_t at = limits::kUnitBytes; at < block.size(); at += limits::kUnitBytes) {
    if (!HasBlockMagic(block.subspan(at))) continue;
    Result<BlockHeader> inside = DecodeBlockHeader(block.subspan(at));
    bool belongs = inside.ok() && inside->volume_uuid == header.volume_uuid &&
                   inside->unit_number == header.unit_number + at / limits::kUnitBytes &&
                   inside->block_number > header.block_number;
    if (belongs) return *inside;
  }
  return std::nullopt;
}

BlockEvent BlockReader::SkipCutOff(const BlockHeader& header, const BlockHeader& inside) {
  BlockEvent event;
  event.kind = BlockEvent::Kind::kSkipped;
  event.skipped.first_unit = header.unit_number;
  event.skipped.bytes = (inside.unit_number - header.unit_number) * limits::kUnitBytes;
  event.skipped.text = "block " + std::to_string(header.block_number) + " is cut off by block " +
                       std::to_string(inside.block_number);
  Drop(event.skipped.bytes);
  return event;
}

BlockEvent BlockReader::TakeBlock(const BlockHeader& header, ByteSpan bytes, bool body_intact) {
  auto block = std::make_shared<Block>();
  block->header = header;
  block->bytes = bytes;
  block->buffer = window_;
  block->device_error = std::exchange(device_error_, {});
  block->body_intact = body_intact;
  if (last_block_number_) block->missing_before = header.block_number - *last_block_number_ - 1;
  last_block_number_ = header.block_number;
  if (!options_.volume_uuid) options_.volume_uuid = header.volume_uuid;
  BlockEvent event;
  event.kind = BlockEvent::Kind::kBlock;
  event.block = std::move(block);
  return event;
}

// Passes over units until a block of this volume begins, or the end.
Result<BlockEvent> BlockReader::Skip(SkippedRange::Why why, std::string text) {
  BlockEvent event;
  event.kind = BlockEvent::Kind::kSkipped;
  event.skipped.why = why;
  event.skipped.first_unit = offset_bytes_ / limits::kUnitBytes;
  if (!device_error_.empty()) text += "; " + std::exchange(device_error_, {});
  event.skipped.text = std::move(text);
  bool zeros = true;
  do {
    size_t step = std::min<size_t>(available().size(), limits::kUnitBytes);
    zeros = zeros && AllZero(available().first(step));
    event.skipped.bytes += step;
    Drop(step);
    TAPIR_RETURN_IF_ERROR(FillFor(limits::kUnitBytes));
  } while (!available().empty() && event.skipped.bytes < options_.max_skip_bytes &&
           !HeaderHere().ok());
  if (zeros && available().empty()) event.skipped.why = SkippedRange::Why::kZeros;
  return event;
}

Result<BlockEvent> BlockReader::NextByUnits() {
  // What is left of the window is moved only for a block that is not whole in it: moving it for
  // each block would make many small ones in large windows slow.
  TAPIR_RETURN_IF_ERROR(FillFor(limits::kUnitBytes));
  if (available().empty()) return BlockEvent{};
  Result<BlockHeader> header = HeaderHere();
  if (header.ok()) TAPIR_RETURN_IF_ERROR(FillFor(header->block_bytes));
  if (!header.ok()) {
    return Skip(WhyOf(header.status(), available()), header.status().message());
  }
  if (header->block_bytes > available().size()) {
    return Skip(SkippedRange::Why::kTruncated, "block " + std::to_string(header->block_number) +
                                                   " reaches over the end of the file");
  }
  ByteSpan block = available().first(header->block_bytes);
  bool body_intact = !options_.check_bodies || BlockBodyIntact(*header, block);
  // What a sound block holds may look like anything. The checksum of the block does not cover all
  // that is in an ALIGNED one, and may not have been looked at: nearly always nothing is found
  // then.
  if (!body_intact || !options_.check_bodies || header->aligned()) {
    std::optional<BlockHeader> inside = HeaderInside(*header, block);
    if (inside && !BlockContentsIntact(*header, block)) return SkipCutOff(*header, *inside);
  }
  BlockEvent event = TakeBlock(*header, block, body_intact);
  Drop(header->block_bytes);
  return event;
}

Result<BlockEvent> BlockReader::NextByRecords() {
  window_ = pool_.Take();
  begin_ = end_ = 0;
  uint64_t object = device_.position().object;
  Result<ReadOutcome> read = device_.Read(window_->span());
  BlockEvent event;
  event.kind = BlockEvent::Kind::kSkipped;
  event.skipped.object = object;
  if (!read.ok()) {
    bool stepped = device_.position().object > object || device_.Locate({object + 1, 0}).ok();
    if (!stepped || ++errors_in_a_row_ > kMaxErrorsInARow) return std::move(read).status();
    event.skipped.text = read.status().message();
    return event;
  }
  errors_in_a_row_ = 0;
  if (read->kind == ReadKind::kEndOfData) return BlockEvent{};
  if (read->kind == ReadKind::kFilemark) {
    event.kind = BlockEvent::Kind::kFilemark;
    return event;
  }
  end_ = read->size;
  Result<BlockHeader> header = HeaderHere();
  if (header.ok() && header->block_bytes == read->size) {
    bool body_intact = !options_.check_bodies || BlockBodyIntact(*header, available());
    return TakeBlock(*header, available(), body_intact);
  }
  event.skipped.bytes = read->size;
  if (!header.ok()) event.skipped.why = WhyOf(header.status(), available());
  event.skipped.text =
      header.ok() ? "the block's length is not the one in its header" : header.status().message();
  return event;
}

}  // namespace tapir
