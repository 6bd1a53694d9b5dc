#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "container/block_reader.h"
#include "container/chunk_header.h"
#include "tapir/base/damage.h"

namespace tapir {

/// A chunk as it lies on the volume, possibly in several blocks. Not expanded or checked yet.
struct Chunk {
  ChunkHeader header;
  Locator locator;
  uint8_t section = 0;  ///< block type
  SessionId session_id{};
  uint32_t session_number = 0;
  uint64_t read_features = 0;
  BlockPlace last_end;  ///< as its first block names it
  /// Chunks of this session that are missing directly before this one.
  uint64_t missing_before = 0;
  /// At least one of its blocks has a wrong body checksum.
  bool in_damaged_block = false;
  struct Piece {
    std::shared_ptr<const Block> block;
    ByteSpan bytes;
  };
  std::vector<Piece> pieces;
};

/// A chunk's raw bytes, checked. Keeps what they lie in alive.
struct RawChunk {
  ChunkHeader header;
  Locator locator;
  uint32_t session_number = 0;
  std::shared_ptr<const void> owner;
  ByteSpan bytes;
};

/// Expands a chunk and checks it: kCorrupt, kUnsupported. Memory comes from `pool`, if there is one
/// and the chunk is not larger than its buffers. Thread-safe for different decompressors.
Result<RawChunk> ExpandChunk(const Chunk& chunk, Decompressor& decompressor,
                             BufferPool* pool = nullptr);

/// What is said of a block whose body checksum differs.
Damage BodyDamage(const BlockHeader& header);

struct ChunkEvent {
  enum class Kind {
    kChunk,
    kDamage,
    kFilemark,
    kEnd,
    kBlock,  ///< only if asked for
  };
  Kind kind = Kind::kEnd;
  Chunk chunk;
  Damage damage;
  std::shared_ptr<const Block> block;
};

/// Puts chunks together from blocks, in order, and resynchronises at the next chunk start after any
/// damage (format chapter 8.2). Single-thread.
class ChunkReader {
 public:
  ChunkReader(BlockDevice& device, BlockReader::Options options);

  /// Goes to the first chunk of a block, or to the chunk at a locator.
  Status Seek(const BlockPlace& place);
  Status Seek(const Locator& locator);

  Result<ChunkEvent> Next();
  /// From now on Next tells each block when it is entered: before the chunks that begin in it, but
  /// also before a chunk that ends in it.
  void TellBlocks() { tells_blocks_ = true; }
  /// See BlockReader.
  Result<ByteSpan> Peek() { return blocks_.Peek(); }

  uint64_t blocks_read() const { return blocks_read_; }
  uint64_t bytes_read() const { return bytes_read_; }
  /// Where the last block that was read ends: unit number, and the number of the next block.
  uint64_t end_unit() const { return end_unit_; }
  uint64_t next_block_number() const { return next_block_number_; }
  const std::optional<Uuid>& volume_uuid() const { return blocks_.volume_uuid(); }

 private:
  Status ReadBlock();
  void EnterBlock(const std::shared_ptr<const Block>& block);
  std::optional<ChunkEvent> TakeFromBlock();
  bool StartChunk();
  void Resynchronise();
  ChunkEvent FinishChunk();
  void DropPending(const char* why);
  void AddDamage(DamageKind kind, const BlockPlace& place, uint64_t length, std::string text);

  BlockReader blocks_;
  std::deque<ChunkEvent> queue_;
  std::shared_ptr<const Block> block_;
  size_t at_ = 0;           ///< in block_
  size_t payload_end_ = 0;  ///< of block_
  std::optional<Chunk> pending_;
  size_t pending_missing_ = 0;  ///< stored bytes still to come
  uint32_t seek_offset_ = 0;
  SessionId session_id_{};
  bool may_end_here_ = false;  ///< the last chunk was a label or a second END
  bool sequence_known_ = false;
  uint64_t next_sequence_ = 0;
  uint64_t blocks_read_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t end_unit_ = 0;
  uint64_t next_block_number_ = 0;
  uint32_t session_number_ = 0;
  bool tells_blocks_ = false;
};

}  // namespace tapir
