#pragma once

#include <cstdint>
#include <memory>

#include "bytes/cursor.h"
#include "container/block_header.h"
#include "container/chunk_header.h"
#include "tapir/base/buffer_pool.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// Lays chunks into blocks and writes them (format chapter 2): stamps headers, counts blocks, units
/// and marks, ends sections with short blocks. The device must stand where the next block belongs.
/// Single-thread. After a failure every further call returns it again.
class BlockWriter {
 public:
  /// What is the same in all blocks of a session, and where the first one goes.
  struct Options {
    Uuid volume_uuid{};
    uint32_t volume_sequence = 1;
    uint32_t max_block_bytes = 0;
    bool full_blocks = false;
    SessionId session_id{};
    uint32_t session_number = 0;
    uint64_t read_features = 0;
    BlockPlace last_end;
    uint64_t next_block_number = 0;
    uint64_t next_unit = 0;
    uint32_t marks_before = 0;
  };

  /// `device` must outlive this.
  BlockWriter(BlockDevice& device, const Options& options);

  /// Adds a chunk to the section; `stored` is what follows its header. Returns where the header is.
  Result<Locator> Append(BlockType section, const ChunkHeader& header, ByteSpan stored);

  /// Adds a chunk as an ALIGNED block of its own: `block` holds the data at kAlignedDataOffset and
  /// is completed here. `block` needs room for max_block_bytes.
  Result<Locator> AppendAligned(BlockType section, const ChunkHeader& header, AlignedBuffer& block);

  /// Ends the open block, as a short one, if a chunk of so many stored bytes fits into a block of
  /// its own but not into the rest of this one. Full blocks are not ended early.
  Status MakeRoomFor(size_t stored_bytes);

  /// Writes what is left of the section as a short block.
  Status EndSection();
  Status WriteFilemark(bool immediate);
  Status Sync();

  /// Where the next block will be written; meaningful between sections.
  BlockPlace next_place() const;
  /// From now on blocks name this as the last complete session end.
  void set_last_end(const BlockPlace& place) { options_.last_end = place; }
  /// True once the device has given early warning.
  bool early_warning() const { return early_warning_; }

 private:
  void OpenBlock(BlockType section);
  Status WriteBlock(BlockHeader header, AlignedBuffer& block);
  BlockHeader NewHeader(BlockType section) const;
  uint32_t BlockBytesFor(uint32_t used_bytes) const;

  BlockDevice& device_;
  Options options_;
  AlignedBuffer block_;
  bool open_ = false;
  BlockHeader header_;
  uint32_t used_bytes_ = 0;  ///< of block_, header included
  bool early_warning_ = false;
  Status failure_;
};

}  // namespace tapir
