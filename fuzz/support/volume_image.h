#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "container/block_header.h"
#include "container/chunk_header.h"

namespace tapir::fuzz {

/// A whole block of an image.
struct ImageBlock {
  size_t offset = 0;
  BlockHeader header;

  size_t payload_end() const { return offset + kBlockHeaderBytes + header.payload_bytes; }
  size_t end() const { return offset + header.block_bytes; }
};

/// A chunk that lies whole in an image.
struct ImageChunk {
  Locator locator;
  size_t offset = 0;  ///< of its header
  size_t block = 0;   ///< in which it begins
  ChunkHeader header;
  std::vector<std::span<std::byte>> pieces;  ///< of its payload, one for each block
};

/// Blocks and chunks of a volume whose checksums may be wrong, for changing what lies in them and
/// making the checksums right again. The checksums of headers are made right at once: only then can
/// the headers be read. Works in place; the bytes must outlive this.
class VolumeImage {
 public:
  explicit VolumeImage(std::span<std::byte> bytes);

  const std::vector<ImageBlock>& blocks() const { return blocks_; }
  /// In the order of the volume.
  const std::vector<ImageChunk>& chunks() const { return chunks_; }

  static std::string StoredBytes(const ImageChunk& chunk);
  /// The raw bytes, whatever their checksum; nothing if they cannot be expanded.
  static std::optional<std::string> RawBytes(const ImageChunk& chunk);
  /// How long the stored bytes may become: their length, or more where nothing follows in the
  /// block.
  size_t RoomFor(size_t chunk) const;
  /// Replaces stored bytes. Fewer than there were replace the first ones, unless the length may
  /// change.
  void SetStoredBytes(size_t chunk, std::string_view stored);

  /// Makes block and unit numbers what they should be where the blocks stand.
  void Renumber();
  /// Makes raw checksums, and those of chunk headers, bodies and block headers right.
  void Seal();

 private:
  void FindBlocks();
  void FindChunks(size_t block);
  bool FindPieces(ImageChunk& chunk) const;
  bool MayResize(const ImageChunk& chunk) const;

  std::span<std::byte> bytes_;
  std::vector<ImageBlock> blocks_;
  std::vector<ImageChunk> chunks_;
};

}  // namespace tapir::fuzz
