#include "fuzz/support/volume_image.h"

#include <algorithm>
#include <cstring>

#include "bytes/checksum.h"
#include "tapir/base/limits.h"

namespace tapir::fuzz {
namespace {

// Both headers end with their checksum.
constexpr size_t kChecksumBytes = 8;
// Larger ones are not worth a fuzzer's time.
constexpr size_t kMaxExpandedBytes = 1u << 20;

void FixBlockHeader(std::span<std::byte> header) {
  constexpr size_t kCovered = kBlockHeaderBytes - kChecksumBytes;
  StoreLe(&header[kCovered], Checksum64(header.first(kCovered)));
}

void FixChunkHeader(std::span<std::byte> header, const SessionId& session) {
  constexpr size_t kCovered = kChunkHeaderBytes - kChecksumBytes;
  uint64_t seed = LoadLe<uint64_t>(session.data());
  StoreLe(&header[kCovered], Checksum64(header.first(kCovered), seed));
}

}  // namespace

VolumeImage::VolumeImage(std::span<std::byte> bytes) : bytes_(bytes) {
  FindBlocks();
  for (size_t block = 0; block < blocks_.size(); ++block) FindChunks(block);
}

void VolumeImage::FindBlocks() {
  for (size_t offset = 0; offset + limits::kUnitBytes <= bytes_.size();) {
    std::span<std::byte> rest = bytes_.subspan(offset);
    offset += limits::kUnitBytes;
    if (!HasBlockMagic(rest)) continue;
    FixBlockHeader(rest);
    Result<BlockHeader> header = DecodeBlockHeader(rest);
    if (!header.ok() || header->block_bytes > rest.size()) continue;
    blocks_.push_back({bytes_.size() - rest.size(), *header});
    offset = blocks_.back().end();
  }
}

void VolumeImage::FindChunks(size_t block) {
  const ImageBlock& found = blocks_[block];
  size_t at = found.offset + found.header.first_chunk;
  while (at != found.offset && at + kChunkHeaderBytes <= found.payload_end()) {
    std::span<std::byte> header = bytes_.subspan(at, kChunkHeaderBytes);
    if (!HasChunkMagic(header)) return;
    FixChunkHeader(header, found.header.session_id);
    Result<ChunkHeader> decoded = DecodeChunkHeader(header, found.header.session_id);
    if (!decoded.ok()) return;
    BlockPlace place{found.header.place().object, found.offset / limits::kUnitBytes};
    ImageChunk chunk{{place, static_cast<uint32_t>(at - found.offset)}, at, block, *decoded, {}};
    if (!FindPieces(chunk)) return;
    bool crosses = chunk.pieces.size() > 1;
    size_t stored = chunk.header.stored_bytes;
    chunks_.push_back(std::move(chunk));
    if (crosses || found.header.aligned()) return;
    at += kChunkHeaderBytes + static_cast<size_t>(RoundUp(stored, kChunkAlignBytes));
  }
}

bool VolumeImage::FindPieces(ImageChunk& chunk) const {
  const BlockHeader& first = blocks_[chunk.block].header;
  size_t missing = chunk.header.stored_bytes;
  size_t at = first.aligned() ? blocks_[chunk.block].offset + kAlignedDataOffset
                              : chunk.offset + kChunkHeaderBytes;
  for (size_t block = chunk.block; block < blocks_.size(); ++block) {
    const ImageBlock& here = blocks_[block];
    if (here.header.type != first.type || here.header.session_id != first.session_id) return false;
    if (block != chunk.block) at = here.offset + kBlockHeaderBytes;
    if (at > here.payload_end()) return false;
    size_t piece = std::min(missing, here.payload_end() - at);
    chunk.pieces.push_back(bytes_.subspan(at, piece));
    missing -= piece;
    if (missing == 0) return true;
  }
  return false;
}

std::string VolumeImage::StoredBytes(const ImageChunk& chunk) {
  std::string stored;
  for (std::span<std::byte> piece : chunk.pieces) stored += AsText(piece);
  return stored;
}

std::optional<std::string> VolumeImage::RawBytes(const ImageChunk& chunk) {
  std::string stored = StoredBytes(chunk);
  if (chunk.header.codec == static_cast<uint8_t>(Codec::kStored)) return stored;
  if (chunk.header.raw_bytes > kMaxExpandedBytes) return std::nullopt;
  std::string raw(chunk.header.raw_bytes, '\0');
  Decompressor decompressor;
  bool expanded =
      chunk.header.codec == static_cast<uint8_t>(Codec::kZstd) &&
      decompressor.Decompress(AsBytes(stored), std::as_writable_bytes(std::span(raw))).ok();
  return expanded ? std::optional(std::move(raw)) : std::nullopt;
}

bool VolumeImage::MayResize(const ImageChunk& chunk) const {
  const ImageBlock& block = blocks_[chunk.block];
  size_t end = chunk.offset + kChunkHeaderBytes + chunk.header.stored_bytes;
  return chunk.header.codec == static_cast<uint8_t>(Codec::kStored) && chunk.pieces.size() == 1 &&
         !block.header.aligned() &&
         block.offset + RoundUp(end - block.offset, kChunkAlignBytes) >= block.payload_end();
}

size_t VolumeImage::RoomFor(size_t chunk) const {
  const ImageChunk& found = chunks_[chunk];
  if (!MayResize(found)) return found.header.stored_bytes;
  return blocks_[found.block].end() - found.offset - kChunkHeaderBytes;
}

void VolumeImage::SetStoredBytes(size_t chunk, std::string_view stored) {
  ImageChunk& found = chunks_[chunk];
  if (stored.size() != found.header.stored_bytes && MayResize(found)) {
    ImageBlock& block = blocks_[found.block];
    std::span<std::byte> room = bytes_.subspan(found.offset + kChunkHeaderBytes, RoomFor(chunk));
    std::fill(room.begin(), room.end(), std::byte{0});
    found.pieces = {room.first(stored.size())};
    found.header.stored_bytes = found.header.raw_bytes = static_cast<uint32_t>(stored.size());
    size_t end = found.offset + kChunkHeaderBytes + stored.size();
    block.header.payload_bytes =
        static_cast<uint32_t>(RoundUp(end - block.offset, kChunkAlignBytes) - kBlockHeaderBytes);
  }
  ByteSpan rest = AsBytes(stored);
  for (std::span<std::byte> piece : found.pieces) {
    ByteSpan from = rest.first(std::min(piece.size(), rest.size()));
    std::copy(from.begin(), from.end(), piece.begin());
    rest = rest.subspan(from.size());
  }
}

void VolumeImage::Renumber() {
  uint64_t number = 0;
  for (ImageBlock& block : blocks_) {
    block.header.block_number = number++;
    block.header.unit_number = block.offset / limits::kUnitBytes;
  }
}

void VolumeImage::Seal() {
  for (ImageChunk& chunk : chunks_) {
    if (std::optional<std::string> raw = RawBytes(chunk)) {
      chunk.header.raw_checksum = Checksum64(AsBytes(*raw));
    }
    EncodeChunkHeader(chunk.header, blocks_[chunk.block].header.session_id,
                      bytes_.subspan(chunk.offset, kChunkHeaderBytes));
  }
  for (ImageBlock& block : blocks_) {
    std::span<std::byte> whole = bytes_.subspan(block.offset, block.header.block_bytes);
    block.header.body_checksum = Checksum64(BlockBody(block.header, whole));
    EncodeBlockHeader(block.header, whole);
  }
}

}  // namespace tapir::fuzz
