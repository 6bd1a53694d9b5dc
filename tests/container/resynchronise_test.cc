#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "container/block_header.h"
#include "tests/support/chunk_volume.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using Blocks = std::vector<std::vector<std::byte>>;

// Everything but the chunks in `lost` is delivered as it was written, and nothing else. The chunks
// that are lost without a trace are counted where the next one is delivered.
void ExpectDelivered(const ChunkVolume& volume, const Delivered& delivered,
                     const std::set<uint64_t>& lost, bool damaged, const std::string& what) {
  EXPECT_THAT(delivered.failure, IsOk()) << what;
  for (uint64_t i = 0; i < volume.chunks().size(); ++i) {
    auto found = delivered.chunks.find(i);
    bool whole = found != delivered.chunks.end() && found->second == volume.chunks()[i].raw;
    ASSERT_EQ(whole, !lost.contains(i)) << what << ": chunk " << i;
  }
  EXPECT_EQ(delivered.chunks.size() + lost.size(), volume.chunks().size()) << what;
  EXPECT_EQ(delivered.damage.empty(), !damaged) << what;
  if (!delivered.chunks.empty()) {
    uint64_t first = delivered.chunks.begin()->first;
    uint64_t last = delivered.chunks.rbegin()->first;
    EXPECT_LE(delivered.missing + delivered.seen, volume.chunks().size()) << what;
    EXPECT_GE(delivered.missing + delivered.seen, last - first + 1) << what;
  }
}

class Resynchronise : public testing::TestWithParam<bool> {
 protected:
  static ChunkVolume::Shape Shape(uint64_t seed) {
    return {.seed = seed, .like_tape = GetParam(), .full_blocks = seed % 3 == 0};
  }
  static Delivered Read(const ChunkVolume& volume, const Blocks& blocks) {
    return ReadChunks(*volume.Device(blocks), {.volume_uuid = ChunkVolumeUuid()});
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, Resynchronise, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Tape" : "File"; });

TEST_P(Resynchronise, RoundTrips) {
  for (uint64_t seed = 1; seed <= (FullRun() ? 500u : 40u); seed += Thinned(1)) {
    ChunkVolume volume(Shape(seed));
    Delivered delivered = Read(volume, volume.blocks());
    ExpectDelivered(volume, delivered, {}, false, "seed " + std::to_string(seed));
    EXPECT_EQ(delivered.missing, 0u);
  }
}

TEST_P(Resynchronise, HeadersNeverCrossBlocks) {
  for (uint64_t seed = 1; seed <= 40; seed += Thinned(1)) {
    ChunkVolume volume(Shape(seed));
    for (const ChunkVolume::Written& chunk : volume.chunks()) {
      EXPECT_EQ(chunk.locator.offset_bytes % 8, 0u);
      EXPECT_LE(chunk.locator.offset_bytes + kChunkHeaderBytes, 64u << 10);
    }
    uint64_t number = 0;
    uint64_t unit = 0;
    for (const auto& bytes : volume.blocks()) {
      BlockHeader header = Value(DecodeBlockHeader(bytes));
      EXPECT_EQ(header.block_number, number++);
      EXPECT_EQ(header.unit_number, unit);
      unit = header.end_unit();
      EXPECT_TRUE(AllZero(ByteSpan(bytes).subspan(kBlockHeaderBytes + header.payload_bytes)));
    }
  }
}

// One byte is wrong: all chunks but the one it belongs to, or those of a block without a header.
void FlipAt(const ChunkVolume& volume, size_t block, size_t offset, uint8_t mask) {
  Blocks blocks = volume.blocks();
  blocks[block][offset] ^= std::byte{mask};
  uint64_t at = volume.BlockOffset(block) + offset;
  std::set<uint64_t> lost =
      offset < kBlockHeaderBytes ? volume.TouchedInBlock(block) : volume.TouchedIn(at, at + 1);
  Delivered delivered = ReadChunks(*volume.Device(blocks), {.volume_uuid = ChunkVolumeUuid()});
  ExpectDelivered(volume, delivered, lost, true,
                  "byte " + std::to_string(offset) + " of block " + std::to_string(block));
}

TEST_P(Resynchronise, EachByteFlipped) {
  ChunkVolume volume({.seed = 3, .chunks = 24, .like_tape = GetParam()});
  std::mt19937_64 random(11);
  size_t flips = 0;
  for (size_t block = 0; block < volume.blocks().size() && !HasFailure(); ++block) {
    size_t size = volume.blocks()[block].size();
    for (size_t offset = 0; offset < size && !HasFailure();) {
      FlipAt(volume, block, offset, static_cast<uint8_t>(1u << (random() % 8)));
      ++flips;
      bool in_header = offset < kBlockHeaderBytes + kChunkHeaderBytes;
      offset += FullRun() ? 1 : in_header ? 1 + random() % 5 : 1 + random() % Thinned(2500);
    }
  }
  std::printf("%zu bytes flipped, one at a time\n", flips);
}

TEST_P(Resynchronise, EachChunkHeaderFlipped) {
  ChunkVolume volume({.seed = 4, .chunks = 40, .like_tape = GetParam()});
  std::mt19937_64 random(12);
  for (const ChunkVolume::Written& chunk : volume.chunks()) {
    size_t block = 0;
    while (volume.BlockOffset(block) != chunk.locator.block.unit * 4096) ++block;
    for (size_t i = 0; i < kChunkHeaderBytes && !HasFailure();) {
      FlipAt(volume, block, chunk.locator.offset_bytes + i, 0x40);
      i += FullRun() ? 1 : 1 + random() % 24;
    }
  }
}

TEST_P(Resynchronise, EachBlockOverwritten) {
  ChunkVolume volume(Shape(5));
  for (size_t i = 0; i < volume.blocks().size(); ++i) {
    for (bool zeros : {false, true}) {
      Blocks blocks = volume.blocks();
      std::string noise = RandomBytes(blocks[i].size(), i);
      if (zeros) noise.assign(noise.size(), '\0');
      blocks[i].assign(AsBytes(noise).begin(), AsBytes(noise).end());
      ExpectDelivered(volume, Read(volume, blocks), volume.TouchedInBlock(i), true,
                      "block " + std::to_string(i));
    }
  }
}

TEST_P(Resynchronise, EachPairOfBlocksOverwritten) {
  ChunkVolume volume(Shape(6));
  for (size_t i = 0; i + 2 < volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    std::set<uint64_t> lost = volume.TouchedInBlock(i);
    lost.merge(volume.TouchedInBlock(i + 2));
    for (size_t j : {i, i + 2}) std::fill(blocks[j].begin(), blocks[j].end(), std::byte{0x33});
    ExpectDelivered(volume, Read(volume, blocks), lost, true, "block " + std::to_string(i));
  }
}

// A block of another volume, or of this one at another place, takes the place of a block.
TEST_P(Resynchronise, EachBlockExchanged) {
  ChunkVolume volume(Shape(7));
  ChunkVolume other(Shape(8));
  for (size_t i = 0; i < volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    BlockHeader header = Value(DecodeBlockHeader(blocks[i]));
    header.volume_uuid[3] ^= std::byte{1};
    EncodeBlockHeader(header, blocks[i]);
    ExpectDelivered(volume, Read(volume, blocks), volume.TouchedInBlock(i), true,
                    "foreign block " + std::to_string(i));
  }
}

TEST(ResynchroniseTape, EachBlockMissing) {
  ChunkVolume volume({.seed = 9, .like_tape = true});
  // What is missing at the end cannot be noticed by blocks alone.
  for (size_t i = 0; i + 1 < volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    blocks.erase(blocks.begin() + static_cast<ptrdiff_t>(i));
    Delivered delivered = ReadChunks(*volume.Device(blocks));
    ExpectDelivered(volume, delivered, volume.TouchedInBlock(i), i > 0, std::to_string(i));
  }
}

TEST(ResynchroniseTape, EachBlockTwice) {
  ChunkVolume volume({.seed = 10, .like_tape = true});
  for (size_t i = 0; i < volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    blocks.insert(blocks.begin() + static_cast<ptrdiff_t>(i), volume.blocks()[i]);
    ExpectDelivered(volume, ReadChunks(*volume.Device(blocks)), {}, true, std::to_string(i));
  }
}

TEST(ResynchroniseTape, EachNeighbouringPairSwapped) {
  ChunkVolume volume({.seed = 11, .like_tape = true});
  for (size_t i = 0; i + 1 < volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    std::swap(blocks[i], blocks[i + 1]);
    ExpectDelivered(volume, ReadChunks(*volume.Device(blocks)), volume.TouchedInBlock(i), true,
                    std::to_string(i));
  }
}

TEST(ResynchroniseTape, AForeignBlockBetween) {
  ChunkVolume volume({.seed = 12, .like_tape = true});
  std::vector<std::byte> foreign = volume.blocks()[0];
  BlockHeader header = Value(DecodeBlockHeader(foreign));
  header.volume_uuid[0] ^= std::byte{1};
  EncodeBlockHeader(header, foreign);
  for (size_t i = 0; i <= volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    blocks.insert(blocks.begin() + static_cast<ptrdiff_t>(i), foreign);
    Delivered delivered = ReadChunks(*volume.Device(blocks), {.volume_uuid = ChunkVolumeUuid()});
    ExpectDelivered(volume, delivered, {}, true, std::to_string(i));
  }
}

TEST(ResynchroniseFile, NeighbouringPairsSwapped) {
  ChunkVolume volume({.seed = 12, .full_blocks = true});
  for (size_t i = 0; i + 1 < volume.blocks().size(); ++i) {
    Blocks blocks = volume.blocks();
    std::set<uint64_t> lost = volume.TouchedInBlock(i);
    lost.merge(volume.TouchedInBlock(i + 1));
    std::swap(blocks[i], blocks[i + 1]);
    ExpectDelivered(volume, ReadChunks(*volume.Device(blocks)), lost, true, std::to_string(i));
  }
}

TEST(ResynchroniseFile, CutAtEveryUnit) {
  ChunkVolume volume({.seed = 13});
  uint64_t length = volume.BlockOffset(volume.blocks().size());
  for (uint64_t cut = 4096; cut < length; cut += FullRun() ? 512u : 4096u) {
    auto device = volume.Device(volume.blocks());
    device->Cut(cut);
    // The block that is cut is lost as a whole.
    size_t block = 0;
    while (block + 1 < volume.blocks().size() && volume.BlockOffset(block + 1) <= cut) ++block;
    uint64_t begin = volume.BlockOffset(block);
    std::set<uint64_t> lost = volume.TouchedIn(begin, length);
    Delivered delivered = ReadChunks(*device);
    for (uint64_t i = 0; i < volume.chunks().size(); ++i) {
      ASSERT_EQ(delivered.chunks.contains(i), !lost.contains(i)) << cut << ": chunk " << i;
    }
  }
}

}  // namespace
}  // namespace tapir::test
