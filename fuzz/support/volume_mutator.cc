#include "fuzz/support/volume_mutator.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "fuzz/support/volume_digests.h"
#include "fuzz/support/volume_image.h"

namespace tapir::fuzz {
namespace {

class Mutation {
 public:
  Mutation(std::span<std::byte> room, size_t size, unsigned seed)
      : room_(room), size_(size), random_(seed) {}

  size_t Run() {
    switch (Below(8)) {
      case 0: MutateAnywhere(); break;
      case 1: MutateHeader(); break;
      case 2: MoveBlocks(); break;
      default: MutateChunk();
    }
    // Wrong checksums have to be met, too.
    if (Below(16) == 0) return size_;
    VolumeImage image(bytes());
    if (Below(2) == 0) FixDigests(image);
    image.Seal();
    return size_;
  }

 private:
  std::span<std::byte> bytes() const { return room_.first(size_); }
  // Not std::uniform_int_distribution: its numbers differ between libraries.
  size_t Below(size_t count) { return random_() % count; }

  static size_t MutateBytes(std::span<std::byte> room, size_t size) {
    return LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(room.data()), size, room.size());
  }

  void MutateAnywhere() { size_ = MutateBytes(room_, size_); }

  void MutateHeader() {
    VolumeImage image(bytes());
    if (image.chunks().empty()) return MutateAnywhere();
    if (Below(2) == 0) {
      const ImageBlock& block = image.blocks()[Below(image.blocks().size())];
      MutateBytes(bytes().subspan(block.offset, kBlockHeaderBytes), kBlockHeaderBytes);
    } else {
      const ImageChunk& chunk = image.chunks()[Below(image.chunks().size())];
      MutateBytes(bytes().subspan(chunk.offset, kChunkHeaderBytes), kChunkHeaderBytes);
    }
  }

  void MutateChunk() {
    VolumeImage image(bytes());
    if (image.chunks().empty()) return MutateAnywhere();
    size_t chunk = Below(image.chunks().size());
    std::string stored = VolumeImage::StoredBytes(image.chunks()[chunk]);
    size_t size = stored.size();
    stored.resize(image.RoomFor(chunk));
    if (stored.empty()) return;
    stored.resize(MutateBytes(std::as_writable_bytes(std::span(stored)), size));
    image.SetStoredBytes(chunk, stored);
    image.Seal();
  }

  // Cuts the volume, or puts one block in another's place.
  void MoveBlocks() {
    VolumeImage image(bytes());
    if (image.blocks().empty()) return MutateAnywhere();
    const ImageBlock& from = image.blocks()[Below(image.blocks().size())];
    const ImageBlock& to = image.blocks()[Below(image.blocks().size())];
    size_t length = from.header.block_bytes;
    if (Below(4) == 0) {
      size_ = to.offset;
    } else if (Below(2) == 0 && size_ + length <= room_.size()) {
      std::memmove(&room_[to.offset + length], &room_[to.offset], size_ - to.offset);
      size_t moved = from.offset < to.offset ? from.offset : from.offset + length;
      std::memmove(&room_[to.offset], &room_[moved], length);
      size_ += length;
    } else if (to.offset + length <= size_) {
      std::memmove(&room_[to.offset], &room_[from.offset], length);
    }
    if (Below(2) == 0) return;
    VolumeImage moved(bytes());
    moved.Renumber();
    moved.Seal();
  }

  std::span<std::byte> room_;
  size_t size_;
  std::minstd_rand random_;
};

}  // namespace

size_t MutateVolume(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return Mutation(std::as_writable_bytes(std::span(data, max_size)), size, seed).Run();
}

}  // namespace tapir::fuzz
