#include "container/block_writer.h"

#include <algorithm>
#include <cstring>

#include "bytes/checksum.h"
#include "tapir/base/limits.h"

namespace tapir {

BlockWriter::BlockWriter(BlockDevice& device, const Options& options)
    : device_(device), options_(options), block_(options.max_block_bytes) {}

BlockPlace BlockWriter::next_place() const {
  return {options_.next_block_number + options_.marks_before, options_.next_unit};
}

BlockHeader BlockWriter::NewHeader(BlockType section) const {
  BlockHeader header;
  header.type = static_cast<uint8_t>(section);
  header.volume_sequence = options_.volume_sequence;
  header.volume_uuid = options_.volume_uuid;
  header.session_id = options_.session_id;
  header.session_number = options_.session_number;
  header.marks_before = options_.marks_before;
  header.block_number = options_.next_block_number;
  header.unit_number = options_.next_unit;
  header.last_end = options_.last_end;
  header.read_features = options_.read_features;
  return header;
}

void BlockWriter::OpenBlock(BlockType section) {
  header_ = NewHeader(section);
  used_bytes_ = kBlockHeaderBytes;
  open_ = true;
}

uint32_t BlockWriter::BlockBytesFor(uint32_t used_bytes) const {
  if (options_.full_blocks) return options_.max_block_bytes;
  return static_cast<uint32_t>(RoundUp(used_bytes, limits::kUnitBytes));
}

Status BlockWriter::WriteBlock(BlockHeader header, AlignedBuffer& block) {
  header.body_checksum = Checksum64(BlockBody(header, block.span()));
  EncodeBlockHeader(header, block.span());
  Result<WriteOutcome> outcome = device_.Write(block.span().first(header.block_bytes));
  if (!outcome.ok()) return failure_ = std::move(outcome).status().Annotate("writing the volume");
  if (*outcome == WriteOutcome::kEndOfMedium) {
    return failure_ =
               EndOfMedium("the medium is full at block " + std::to_string(header.block_number));
  }
  early_warning_ |= *outcome == WriteOutcome::kEarlyWarning;
  options_.next_block_number += 1;
  options_.next_unit += header.block_bytes / limits::kUnitBytes;
  return OkStatus();
}

Status BlockWriter::MakeRoomFor(size_t stored_bytes) {
  size_t needed = kChunkHeaderBytes + stored_bytes;
  bool fits_alone = kBlockHeaderBytes + needed <= options_.max_block_bytes;
  bool fits_here = used_bytes_ + needed <= options_.max_block_bytes;
  if (!open_ || options_.full_blocks || fits_here || !fits_alone) return failure_;
  return EndSection();
}

Status BlockWriter::EndSection() {
  if (!failure_.ok()) return failure_;
  if (!open_) return OkStatus();
  open_ = false;
  header_.payload_bytes = used_bytes_ - kBlockHeaderBytes;
  header_.block_bytes = BlockBytesFor(used_bytes_);
  std::memset(block_.data() + used_bytes_, 0, header_.block_bytes - used_bytes_);
  return WriteBlock(header_, block_);
}

Result<Locator> BlockWriter::Append(BlockType section, const ChunkHeader& header, ByteSpan stored) {
  if (!failure_.ok()) return failure_;
  bool other_section = open_ && header_.type != static_cast<uint8_t>(section);
  bool header_fits = used_bytes_ + kChunkHeaderBytes <= options_.max_block_bytes;
  if (other_section || !header_fits) TAPIR_RETURN_IF_ERROR(EndSection());
  if (!open_) OpenBlock(section);
  Locator locator{next_place(), used_bytes_};
  if (header_.first_chunk == 0) {
    header_.first_chunk = used_bytes_;
    header_.first_chunk_sequence = header.sequence;
  }
  EncodeChunkHeader(header, options_.session_id, block_.span().subspan(used_bytes_));
  used_bytes_ += kChunkHeaderBytes;
  while (!stored.empty()) {
    if (used_bytes_ == options_.max_block_bytes) {
      TAPIR_RETURN_IF_ERROR(EndSection());
      OpenBlock(section);
    }
    size_t piece = std::min<size_t>(stored.size(), options_.max_block_bytes - used_bytes_);
    std::memcpy(block_.data() + used_bytes_, stored.data(), piece);
    used_bytes_ += static_cast<uint32_t>(piece);
    stored = stored.subspan(piece);
  }
  auto padded = static_cast<uint32_t>(RoundUp(used_bytes_, kChunkAlignBytes));
  std::memset(block_.data() + used_bytes_, 0, padded - used_bytes_);
  used_bytes_ = padded;
  return locator;
}

Result<Locator> BlockWriter::AppendAligned(BlockType section, const ChunkHeader& header,
                                           AlignedBuffer& block) {
  TAPIR_RETURN_IF_ERROR(EndSection());
  Locator locator{next_place(), kBlockHeaderBytes};
  BlockHeader block_header = NewHeader(section);
  block_header.flags = kBlockFlagAligned;
  block_header.first_chunk = kBlockHeaderBytes;
  block_header.first_chunk_sequence = header.sequence;
  uint32_t used_bytes = kAlignedDataOffset + header.stored_bytes;
  block_header.payload_bytes = used_bytes - kBlockHeaderBytes;
  block_header.block_bytes = BlockBytesFor(used_bytes);
  size_t head_end = kBlockHeaderBytes + kChunkHeaderBytes;
  std::memset(block.data() + head_end, 0, kAlignedDataOffset - head_end);
  std::memset(block.data() + used_bytes, 0, block_header.block_bytes - used_bytes);
  EncodeChunkHeader(header, options_.session_id, block.span().subspan(kBlockHeaderBytes));
  TAPIR_RETURN_IF_ERROR(WriteBlock(block_header, block));
  return locator;
}

Status BlockWriter::WriteFilemark(bool immediate) {
  TAPIR_RETURN_IF_ERROR(EndSection());
  if (!device_.traits().has_filemarks) return OkStatus();
  Result<WriteOutcome> outcome = device_.WriteFilemarks(1, immediate);
  if (!outcome.ok()) return failure_ = std::move(outcome).status().Annotate("writing a filemark");
  if (*outcome == WriteOutcome::kEndOfMedium) {
    return failure_ = EndOfMedium("the medium is full at a filemark");
  }
  early_warning_ |= *outcome == WriteOutcome::kEarlyWarning;
  options_.marks_before += 1;
  return OkStatus();
}

Status BlockWriter::Sync() {
  TAPIR_RETURN_IF_ERROR(EndSection());
  Status synced = device_.Sync();
  if (!synced.ok()) return failure_ = std::move(synced).Annotate("syncing the volume");
  return OkStatus();
}

}  // namespace tapir
