#include "tests/support/chunk_volume.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "bytes/checksum.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

constexpr uint32_t kMaxBlockBytes = 64u << 10;

size_t RandomSize(std::mt19937_64& random) {
  static constexpr size_t kEdges[] = {0,  1,      7,      8,      63,      64,
                                      65, 65'280, 65'344, 65'343, 131'072, 200'000};
  switch (random() % 4) {
    case 0: return kEdges[random() % std::size(kEdges)];
    case 1: return random() % 300;
    case 2: return random() % 5'000;
    default: return random() % 70'000;
  }
}

}  // namespace

Uuid ChunkVolumeUuid() {
  Uuid uuid;
  uuid.fill(std::byte{0x5A});
  return uuid;
}

ChunkVolume::ChunkVolume(const Shape& shape)
    : shape_(shape), device_({.like_tape = shape.like_tape}) {
  BlockWriter::Options options;
  options.volume_uuid = ChunkVolumeUuid();
  options.max_block_bytes = kMaxBlockBytes;
  options.full_blocks = shape.full_blocks;
  options.session_id.fill(std::byte{0x77});
  options.session_number = 1;
  BlockWriter writer(device_, options);
  for (uint64_t sequence = 0; sequence < shape.chunks; ++sequence) Write(writer, sequence);
  Check(writer.EndSection());
  FindRanges();
}

void ChunkVolume::Write(BlockWriter& writer, uint64_t sequence) {
  std::mt19937_64 random(shape_.seed * 1000 + sequence);
  if (random() % 8 == 0) Check(writer.EndSection());
  if (random() % 8 == 0) Check(writer.WriteFilemark(true));
  BlockType section = sequence < shape_.chunks * 3 / 4 ? BlockType::kData : BlockType::kIndex;
  size_t size = RandomSize(random);
  bool aligned = shape_.with_aligned && random() % 6 == 0 && size <= kMaxBlockBytes - 4096;
  bool compressible = random() % 2 == 0;
  Written written;
  written.raw = compressible ? TextBytes(size, random()) : RandomBytes(size, random());
  ChunkHeader header;
  header.kind =
      static_cast<uint8_t>(section == BlockType::kData ? ChunkKind::kData : ChunkKind::kLeaf);
  header.sequence = sequence;
  header.raw_bytes = header.stored_bytes = static_cast<uint32_t>(size);
  header.raw_checksum = Checksum64(AsBytes(written.raw));
  if (aligned) {
    header.flags = kChunkFlagAligned;
    AlignedBuffer block(kMaxBlockBytes);
    std::memset(block.data(), 0xEE, block.size());
    std::memcpy(block.data() + kAlignedDataOffset, written.raw.data(), size);
    written.locator = Value(writer.AppendAligned(section, header, block));
  } else {
    std::string stored = written.raw;
    Compressor compressor(3);
    std::string smaller;
    if (Value(compressor.Compress(AsBytes(written.raw), smaller))) {
      stored = smaller;
      header.codec = static_cast<uint8_t>(Codec::kZstd);
      header.stored_bytes = static_cast<uint32_t>(stored.size());
    }
    written.locator = Value(writer.Append(section, header, AsBytes(stored)));
  }
  chunks_.push_back(std::move(written));
}

// Reads the whole volume once to learn where blocks and chunks lie.
void ChunkVolume::FindRanges() {
  Check(device_.Locate({}));
  BlockReader block_reader(device_, {});
  for (BlockEvent event = Value(block_reader.Next()); event.kind != BlockEvent::Kind::kEnd;
       event = Value(block_reader.Next())) {
    if (event.kind != BlockEvent::Kind::kBlock) continue;
    blocks_.emplace_back(event.block->bytes.begin(), event.block->bytes.end());
  }
  Check(device_.Locate({}));
  ChunkReader reader(device_, {});
  for (ChunkEvent event = Value(reader.Next()); event.kind != ChunkEvent::Kind::kEnd;
       event = Value(reader.Next())) {
    if (event.kind != ChunkEvent::Kind::kChunk) continue;
    Written& written = chunks_.at(event.chunk.header.sequence);
    uint64_t header = event.chunk.locator.block.unit * 4096 + event.chunk.locator.offset_bytes;
    written.ranges.emplace_back(header, header + kChunkHeaderBytes);
    for (const Chunk::Piece& piece : event.chunk.pieces) {
      uint64_t begin = piece.block->header.unit_number * 4096 +
                       static_cast<uint64_t>(piece.bytes.data() - piece.block->bytes.data());
      written.ranges.emplace_back(begin, begin + piece.bytes.size());
    }
  }
}

uint64_t ChunkVolume::BlockOffset(size_t block) const {
  uint64_t offset = 0;
  for (size_t i = 0; i < block; ++i) offset += blocks_[i].size();
  return offset;
}

std::set<uint64_t> ChunkVolume::TouchedIn(uint64_t begin, uint64_t end) const {
  std::set<uint64_t> touched;
  for (size_t i = 0; i < chunks_.size(); ++i) {
    for (const auto& [first, last] : chunks_[i].ranges) {
      if (first < end && begin < last) touched.insert(i);
    }
  }
  return touched;
}

std::set<uint64_t> ChunkVolume::TouchedInBlock(size_t block) const {
  uint64_t begin = BlockOffset(block);
  return TouchedIn(begin, begin + blocks_[block].size());
}

std::unique_ptr<MemoryDevice> ChunkVolume::Device(
    const std::vector<std::vector<std::byte>>& blocks) const {
  auto device = std::make_unique<MemoryDevice>(MemoryDeviceOptions{.like_tape = like_tape()});
  for (const std::vector<std::byte>& block : blocks) Check(device->Write(block).status());
  Check(device->Locate({}));
  return device;
}

Delivered ReadChunks(BlockDevice& device, const BlockReader::Options& options) {
  Delivered delivered;
  ChunkReader reader(device, options);
  Decompressor decompressor;
  for (;;) {
    Result<ChunkEvent> event = reader.Next();
    if (!event.ok()) {
      delivered.failure = event.status();
      return delivered;
    }
    if (event->kind == ChunkEvent::Kind::kEnd) return delivered;
    if (event->kind == ChunkEvent::Kind::kDamage) delivered.damage.push_back(event->damage.text);
    if (event->kind != ChunkEvent::Kind::kChunk) continue;
    ++delivered.seen;
    delivered.missing += event->chunk.missing_before;
    Result<RawChunk> raw = ExpandChunk(event->chunk, decompressor);
    if (raw.ok()) {
      delivered.chunks[event->chunk.header.sequence] = AsText(raw->bytes);
    } else {
      delivered.damage.push_back(raw.status().ToString());
    }
  }
}

}  // namespace tapir::test
