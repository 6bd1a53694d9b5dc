#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "container/block_writer.h"
#include "container/chunk_reader.h"
#include "tapir/device/memory_device.h"

namespace tapir::test {

/// Blocks of random chunks in memory: one session of DATA and INDEX sections without START or END,
/// for tests of block and chunk readers.
class ChunkVolume {
 public:
  struct Shape {
    uint64_t seed = 1;
    size_t chunks = 40;
    bool like_tape = false;
    bool full_blocks = false;
    bool with_aligned = true;
  };
  /// One chunk as it was written: its raw bytes, where its header stands, which bytes of the volume
  /// are its own (padding not included).
  struct Written {
    std::string raw;
    Locator locator;
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
  };

  explicit ChunkVolume(const Shape& shape);

  const std::vector<Written>& chunks() const { return chunks_; }
  /// The blocks, each as it was written.
  const std::vector<std::vector<std::byte>>& blocks() const { return blocks_; }
  uint64_t BlockOffset(size_t block) const;
  /// Sequences of the chunks that have a byte in [begin, end).
  std::set<uint64_t> TouchedIn(uint64_t begin, uint64_t end) const;
  std::set<uint64_t> TouchedInBlock(size_t block) const;
  bool like_tape() const { return shape_.like_tape; }

  /// A device that holds these blocks.
  std::unique_ptr<MemoryDevice> Device(const std::vector<std::vector<std::byte>>& blocks) const;

 private:
  void Write(BlockWriter& writer, uint64_t sequence);
  void FindRanges();

  Shape shape_;
  MemoryDevice device_;
  std::vector<Written> chunks_;
  std::vector<std::vector<std::byte>> blocks_;
};

/// What a chunk reader delivered of a device.
struct Delivered {
  std::map<uint64_t, std::string> chunks;  ///< raw, by sequence: those that could be expanded
  size_t seen = 0;                         ///< chunks delivered, also those that could not
  uint64_t missing = 0;                    ///< sum of missing_before
  std::vector<std::string> damage;         ///< reported by the reader or by expanding
  Status failure;                          ///< that ended the reading
};
Delivered ReadChunks(BlockDevice& device, const BlockReader::Options& options = {});

/// The volume that the blocks of a ChunkVolume name.
Uuid ChunkVolumeUuid();

}  // namespace tapir::test
