#include "object/chunk_builder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bytes/checksum.h"
#include "bytes/codec.h"
#include "container/item.h"
#include "object/thread_compressor.h"

namespace tapir {
namespace {

// Small objects are packed until a chunk has this many raw bytes.
constexpr size_t kTargetBytes = 2u << 20;

void CompressChunk(PackedChunk& chunk, int zstd_level) {
  ByteSpan raw = ByteSpan(chunk.raw->span()).first(chunk.header.raw_bytes);
  chunk.header.raw_checksum = Checksum64(raw);
  chunk.header.stored_bytes = chunk.header.raw_bytes;
  if (zstd_level == 0) return;
  Result<bool> smaller = ThreadCompressor(zstd_level).Compress(raw, chunk.compressed);
  if (!smaller.ok()) {
    chunk.status = std::move(smaller).status();
  } else if (*smaller) {
    chunk.header.codec = static_cast<uint8_t>(Codec::kZstd);
    chunk.header.stored_bytes = static_cast<uint32_t>(chunk.compressed.size());
    chunk.raw = nullptr;
  }
}

}  // namespace

ChunkBuilder::ChunkBuilder() : pool_(kTargetBytes) {}

bool ChunkBuilder::Fits(size_t payload_bytes, size_t contents_bytes) const {
  return ItemBytes(contents_bytes_ + contents_bytes) + records_.size() +
             ItemBytes(payload_bytes) <=
         kTargetBytes;
}

// Grows beyond the usual size only for a single record that is larger.
void ChunkBuilder::MakeRoom(size_t bytes) {
  if (!buffer_) buffer_ = pool_.Take();
  if (bytes <= buffer_->size()) return;
  auto larger = std::make_shared<AlignedBuffer>(bytes);
  std::memcpy(larger->data(), buffer_->data(), kItemHeadBytes + contents_bytes_);
  buffer_ = std::move(larger);
}

uint32_t ChunkBuilder::Add(ItemType type, uint64_t ordinal,
                           std::initializer_list<ByteSpan> payload, ByteSpan contents) {
  if (records_.empty()) first_object_ = ordinal;
  last_object_ = ordinal;
  if (!contents.empty()) {
    MakeRoom(kItemHeadBytes + contents_bytes_ + contents.size());
    std::memcpy(buffer_->data() + kItemHeadBytes + contents_bytes_, contents.data(),
                contents.size());
    contents_bytes_ += contents.size();
  }
  auto offset = static_cast<uint32_t>(records_.size());
  size_t begin = BeginItem(records_, type);
  for (ByteSpan piece : payload) records_.append(AsText(piece));
  EndItem(records_, begin);
  return offset;
}

// Completes the CONTENTS record, if there is one, and puts the others behind it. Returns where they begin.
uint32_t ChunkBuilder::CloseContents() {
  size_t begin = contents_bytes_ == 0 ? 0 : ItemBytes(contents_bytes_);
  MakeRoom(begin + records_.size());
  std::byte* at = buffer_->data();
  if (begin > 0) {
    StoreLe(at, static_cast<uint16_t>(ItemType::kContents));
    StoreLe(at + 2, uint16_t{0});
    StoreLe(at + 4, static_cast<uint32_t>(contents_bytes_));
    size_t end = kItemHeadBytes + contents_bytes_;
    std::memset(at + end, 0, begin - end);
  }
  std::memcpy(at + begin, records_.data(), records_.size());
  return static_cast<uint32_t>(begin);
}

PackedWork::Job ChunkBuilder::Finish(int zstd_level, bool opens_object, ChunkKind kind) {
  auto chunk = std::make_shared<PackedChunk>();
  chunk->header.kind = static_cast<uint8_t>(kind);
  chunk->records_begin = CloseContents();
  chunk->header.raw_bytes = chunk->records_begin + static_cast<uint32_t>(records_.size());
  if (kind == ChunkKind::kRecords) {
    chunk->header.first_object = first_object_;
    chunk->header.object_count = static_cast<uint32_t>(last_object_ - first_object_ + 1);
  }
  chunk->raw = std::exchange(buffer_, nullptr);
  chunk->entries = std::exchange(entries_, {});
  chunk->opens_object = opens_object;
  size_t cost = size_t{2} * chunk->header.raw_bytes;
  records_.clear();
  contents_bytes_ = 0;
  ++serial_;
  return {[chunk, zstd_level] {
            CompressChunk(*chunk, zstd_level);
            return std::move(*chunk);
          },
          cost};
}

}  // namespace tapir
