#include "object/chunk_queue.h"

#include <memory>
#include <utility>

namespace tapir {
namespace {

// An aligned block for less ciphertext would be mostly padding.
constexpr uint32_t kLeastAlignedBytes = 32u << 10;

}  // namespace

uint32_t ChunkQueue::AddRecord(ItemType type, uint64_t ordinal,
                               std::initializer_list<ByteSpan> payload, LentContents contents) {
  size_t length = 0;
  for (ByteSpan piece : payload) length += piece.size();
  if (!records_.Fits(length, contents.bytes.size())) Flush();
  return records_.Add(type, ordinal, payload, std::move(contents));
}

void ChunkQueue::AddEntry(Entry entry) { records_.AddEntry({std::move(entry), false}); }

void ChunkQueue::OpenObject(uint64_t ordinal, ByteSpan begin_payload) {
  open_offset_ = AddRecord(ItemType::kObjectBegin, ordinal, {begin_payload});
  open_serial_ = records_.serial();
}

void ChunkQueue::CloseObject(Entry entry, ByteSpan end_payload) {
  AddRecord(ItemType::kObjectEnd, entry.ordinal, {end_payload});
  entry.record_offset = open_offset_;
  records_.AddEntry({std::move(entry), *open_serial_ != records_.serial()});
  open_serial_.reset();
}

void ChunkQueue::Flush(ChunkKind kind) {
  if (records_.empty()) return;
  bool opens_object = open_serial_ == records_.serial();
  PushJob(records_.Finish(zstd_level_, opens_object, kind));
}

void ChunkQueue::Push(PackedChunk chunk, size_t cost_bytes) {
  auto shared = std::make_shared<PackedChunk>(std::move(chunk));
  PushJob({[shared] { return std::move(*shared); }, cost_bytes});
}

void ChunkQueue::PushJob(PackedWork::Job job) {
  ready_.push_back(std::move(job));
  notes_.push_back({report_.Take(), nullptr});
}

ChunkNotes ChunkQueue::TakeNotes() {
  ChunkNotes notes = std::move(notes_.front());
  notes_.pop_front();
  return notes;
}

void ChunkQueue::AddData(uint64_t ordinal, LoadedPiece& piece) {
  Flush();
  PackedChunk chunk;
  chunk.header.kind = static_cast<uint8_t>(ChunkKind::kData);
  chunk.header.first_object = ordinal;
  chunk.header.object_count = 1;
  chunk.header.stream_number = piece.stream.number;
  chunk.header.stream_offset = piece.offset_bytes;
  if (!piece.compressed.empty()) {
    chunk.header.codec = static_cast<uint8_t>(Codec::kZstd);
    chunk.header.raw_bytes = static_cast<uint32_t>(piece.bytes);
    chunk.header.stored_bytes = static_cast<uint32_t>(piece.compressed.size());
    chunk.header.raw_checksum = piece.checksum;
    chunk.compressed = std::move(piece.compressed);
    size_t cost = chunk.compressed.size();
    Push(std::move(chunk), cost);
    return;
  }
  for (AlignedPart& part : piece.parts) {
    PackedChunk stored;
    stored.header = chunk.header;
    stored.header.raw_bytes = stored.header.stored_bytes = part.data_bytes;
    stored.header.raw_checksum = part.checksum;
    if (piece.stream.incompressible && part.data_bytes < kLeastAlignedBytes) {
      stored.compressed =
          AsText(ByteSpan(part.block->span()).subspan(kAlignedDataOffset, part.data_bytes));
    } else {
      stored.header.flags = kChunkFlagAligned;
      stored.aligned = std::move(part.block);
    }
    chunk.header.stream_offset += part.data_bytes;
    Push(std::move(stored), part.data_bytes);
  }
}

std::optional<PackedWork::Job> ChunkQueue::Pop() {
  if (ready_.empty()) return std::nullopt;
  PackedWork::Job job = std::move(ready_.front());
  ready_.pop_front();
  return job;
}

void AddOpaqueRecord(ChunkQueue& queue, uint64_t ordinal, const OpaqueRecord& record) {
  std::string head;
  WriteCursor(head).U64(ordinal);
  queue.AddRecord(static_cast<ItemType>(record.type), ordinal,
                  {AsBytes(head), AsBytes(record.body)});
}

}  // namespace tapir
