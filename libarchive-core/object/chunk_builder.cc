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

bool ChunkBuilder::Fits(size_t payload_bytes) const {
  return used_ + ItemBytes(payload_bytes) <= kTargetBytes;
}

uint32_t ChunkBuilder::Add(ItemType type, uint64_t ordinal,
                           std::initializer_list<ByteSpan> payload) {
  size_t length = 0;
  for (ByteSpan piece : payload) length += piece.size();
  size_t total = ItemBytes(length);
  if (!buffer_) {
    buffer_ = total <= kTargetBytes ? pool_.Take() : std::make_shared<AlignedBuffer>(total);
  }
  auto offset = static_cast<uint32_t>(used_);
  std::byte* at = buffer_->data() + used_;
  StoreLe(at, static_cast<uint16_t>(type));
  StoreLe(at + 2, uint16_t{0});
  StoreLe(at + 4, static_cast<uint32_t>(length));
  at += kItemHeadBytes;
  for (ByteSpan piece : payload) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  std::memset(at, 0, total - kItemHeadBytes - length);
  used_ += total;
  if (!any_object_) first_object_ = ordinal;
  last_object_ = ordinal;
  any_object_ = true;
  return offset;
}

PackedWork::Job ChunkBuilder::Finish(int zstd_level, bool opens_object, ChunkKind kind) {
  auto chunk = std::make_shared<PackedChunk>();
  chunk->header.kind = static_cast<uint8_t>(kind);
  chunk->header.raw_bytes = static_cast<uint32_t>(used_);
  if (kind == ChunkKind::kRecords) {
    chunk->header.first_object = first_object_;
    chunk->header.object_count = static_cast<uint32_t>(last_object_ - first_object_ + 1);
  }
  chunk->raw = std::exchange(buffer_, nullptr);
  chunk->entries = std::exchange(entries_, {});
  chunk->opens_object = opens_object;
  size_t cost = 2 * used_;
  used_ = 0;
  any_object_ = false;
  ++serial_;
  return {[chunk, zstd_level] {
            CompressChunk(*chunk, zstd_level);
            return std::move(*chunk);
          },
          cost};
}

}  // namespace tapir
