#pragma once

#include <cstdint>
#include <span>

#include "bytes/cursor.h"
#include "container/format.h"
#include "tapir/base/status.h"

namespace tapir {

/// The first 128 bytes of a block (format chapter 2.1).
struct BlockHeader {
  uint8_t type = 0;
  uint8_t flags = 0;
  uint32_t block_bytes = 0;
  uint32_t payload_bytes = 0;
  uint32_t first_chunk = 0;
  uint32_t volume_sequence = 1;
  Uuid volume_uuid{};
  SessionId session_id{};
  uint32_t session_number = 0;
  uint32_t marks_before = 0;
  uint64_t block_number = 0;
  uint64_t unit_number = 0;
  uint64_t first_chunk_sequence = 0;
  BlockPlace last_end;
  uint64_t read_features = 0;
  uint64_t body_checksum = 0;

  bool aligned() const { return (flags & kBlockFlagAligned) != 0; }
  BlockPlace place() const { return {block_number + marks_before, unit_number}; }
  uint64_t end_unit() const;
};

/// Writes header and header checksum over the first 128 bytes of `block`.
void EncodeBlockHeader(const BlockHeader& header, std::span<std::byte> block);

/// Reads and checks a header (chapter 2.3): kTruncated if there are fewer than 128 bytes, kForeign
/// if the magic is not there, kUnsupported for a newer framing, kCorrupt for everything else.
Result<BlockHeader> DecodeBlockHeader(ByteSpan bytes);

/// True if the bytes begin with the magic; a cheap test while searching.
bool HasBlockMagic(ByteSpan bytes);

/// What `body_checksum` covers (chapter 2.4), for a whole block.
ByteSpan BlockBody(const BlockHeader& header, ByteSpan block);

/// True if the body of a whole block is as it was written. For an ALIGNED block the chunk's data is
/// not looked at, its zero padding is.
bool BlockBodyIntact(const BlockHeader& header, ByteSpan block);

}  // namespace tapir
