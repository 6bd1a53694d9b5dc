#pragma once

#include <cstdint>
#include <span>

#include "bytes/codec.h"
#include "bytes/cursor.h"
#include "container/format.h"
#include "tapir/base/status.h"

namespace tapir {

/// The 64 bytes before a chunk's payload (format chapter 3.1).
struct ChunkHeader {
  uint8_t codec = 0;
  uint8_t kind = 0;
  uint16_t flags = 0;
  uint32_t stored_bytes = 0;
  uint32_t raw_bytes = 0;
  uint64_t sequence = 0;
  uint64_t first_object = 0;
  uint32_t object_count = 0;
  uint32_t stream_number = 0;
  uint64_t stream_offset = 0;
  uint64_t raw_checksum = 0;

  bool aligned() const { return (flags & kChunkFlagAligned) != 0; }
  bool is(ChunkKind wanted) const { return kind == static_cast<uint8_t>(wanted); }
};

/// Header of a chunk that stores `raw` as it is; sequence and the rest are to be filled in.
ChunkHeader StoredChunkHeader(ChunkKind kind, ByteSpan raw);

/// Writes 64 bytes to `out`, checksum included; `session` seeds it.
void EncodeChunkHeader(const ChunkHeader& header, const SessionId& session,
                       std::span<std::byte> out);

/// kTruncated, kForeign (no magic), kCorrupt (checksum of this session, a value out of range) or
/// kLimitExceeded. An unknown codec or kind is not an error here.
Result<ChunkHeader> DecodeChunkHeader(ByteSpan bytes, const SessionId& session);

/// A cheap test while searching.
bool HasChunkMagic(ByteSpan bytes);

/// Expands a chunk's payload into `raw` (of raw_bytes) and checks it (chapter 3.3): kUnsupported
/// for an unknown codec, kCorrupt otherwise..
Status ExpandChunk(const ChunkHeader& header, ByteSpan stored, Decompressor& decompressor,
                   std::span<std::byte> raw);

/// Checks the raw bytes of a chunk against its header.
Status CheckRaw(const ChunkHeader& header, ByteSpan raw);

}  // namespace tapir
