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

/// What a chunk is made of.
struct ChunkParts {
  std::vector<LentContents> contents;
  size_t contents_bytes = 0;
  std::string records;
};

/// Bytes of the CONTENTS record; none without contents.
uint32_t ContentsItemBytes(size_t contents_bytes) {
  return contents_bytes == 0 ? 0 : static_cast<uint32_t>(ItemBytes(contents_bytes));
}

// The CONTENTS record, if there is one, and the others behind it.
std::shared_ptr<AlignedBuffer> PutTogether(const ChunkParts& parts, BufferPool& pool) {
  size_t records_begin = ContentsItemBytes(parts.contents_bytes);
  size_t bytes = records_begin + parts.records.size();
  // Only a single record can be larger than the usual chunk.
  std::shared_ptr<AlignedBuffer> buffer =
      bytes <= pool.buffer_bytes() ? pool.Take() : std::make_shared<AlignedBuffer>(bytes);
  std::byte* at = buffer->data();
  if (records_begin > 0) {
    StoreLe(at, static_cast<uint16_t>(ItemType::kContents));
    StoreLe(at + 2, uint16_t{0});
    StoreLe(at + 4, static_cast<uint32_t>(parts.contents_bytes));
    at += kItemHeadBytes;
    for (const LentContents& piece : parts.contents) {
      std::memcpy(at, piece.bytes.data(), piece.bytes.size());
      at += piece.bytes.size();
    }
    size_t end = kItemHeadBytes + parts.contents_bytes;
    std::memset(at, 0, records_begin - end);
    at += records_begin - end;
  }
  std::memcpy(at, parts.records.data(), parts.records.size());
  return buffer;
}

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

ChunkBuilder::ChunkBuilder(size_t target_bytes)
    : target_bytes_(target_bytes), pool_(target_bytes) {}

bool ChunkBuilder::Fits(size_t payload_bytes, size_t contents_bytes) const {
  return ItemBytes(contents_bytes_ + contents_bytes) + records_.size() + ItemBytes(payload_bytes) <=
         target_bytes_;
}

uint32_t ChunkBuilder::Add(ItemType type, uint64_t ordinal, std::initializer_list<ByteSpan> payload,
                           LentContents contents) {
  if (records_.empty()) first_object_ = ordinal;
  last_object_ = ordinal;
  if (!contents.bytes.empty()) {
    contents_bytes_ += contents.bytes.size();
    contents_.push_back(std::move(contents));
  }
  auto offset = static_cast<uint32_t>(records_.size());
  size_t begin = BeginItem(records_, type);
  for (ByteSpan piece : payload) records_.append(AsText(piece));
  EndItem(records_, begin);
  return offset;
}

PackedWork::Job ChunkBuilder::Finish(int zstd_level, bool opens_object, ChunkKind kind) {
  auto chunk = std::make_shared<PackedChunk>();
  chunk->header.kind = static_cast<uint8_t>(kind);
  chunk->records_begin = ContentsItemBytes(contents_bytes_);
  chunk->header.raw_bytes = chunk->records_begin + static_cast<uint32_t>(records_.size());
  if (kind == ChunkKind::kRecords) {
    chunk->header.first_object = first_object_;
    chunk->header.object_count = static_cast<uint32_t>(last_object_ - first_object_ + 1);
  }
  chunk->entries = std::exchange(entries_, {});
  chunk->opens_object = opens_object;
  auto parts = std::make_shared<ChunkParts>();
  parts->contents = std::exchange(contents_, {});
  parts->contents_bytes = std::exchange(contents_bytes_, 0);
  parts->records = std::exchange(records_, {});
  ++serial_;
  // The chunk, its compressed form, and the memory its contents are lent from.
  size_t cost = size_t{3} * chunk->header.raw_bytes;
  return {[this, chunk, parts, zstd_level] {
            chunk->raw = PutTogether(*parts, pool_);
            parts->contents.clear();
            CompressChunk(*chunk, zstd_level);
            return std::move(*chunk);
          },
          cost};
}

}  // namespace tapir
