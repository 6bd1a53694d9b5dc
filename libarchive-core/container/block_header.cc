#include "container/block_header.h"

#include <array>
#include <cstring>

#include "bytes/checksum.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

constexpr char kBlockMagic[8] = {'\x89', 'T', 'A', 'P', '\r', '\n', '\x1A', '\n'};
constexpr size_t kBlockChecksumOffset = 120;

template <size_t N>
void Put(std::string& out, const std::array<std::byte, N>& bytes) {
  WriteCursor(out).Bytes(bytes);
}

template <size_t N>
void Get(ReadCursor& in, std::array<std::byte, N>& bytes) {
  ByteSpan from = in.ReadBytes(N);
  if (from.size() == N) std::memcpy(bytes.data(), from.data(), N);
}

bool SizesInRange(const BlockHeader& header) {
  if (header.block_bytes % limits::kUnitBytes != 0 || header.block_bytes < limits::kUnitBytes ||
      header.block_bytes > limits::kMaxBlockBytes ||
      header.payload_bytes > header.block_bytes - kBlockHeaderBytes) {
    return false;
  }
  if (header.first_chunk == 0) return true;
  uint64_t chunk_end = uint64_t{header.first_chunk} + kChunkHeaderBytes;
  return header.first_chunk % kChunkAlignBytes == 0 && header.first_chunk >= kBlockHeaderBytes &&
         chunk_end <= uint64_t{kBlockHeaderBytes} + header.payload_bytes;
}

// A version that is not ours is a newer program's, unless the checksum says that ours stood there.
bool IsDamagedVersion(ByteSpan bytes) {
  std::array<std::byte, kBlockChecksumOffset> header;
  std::memcpy(header.data(), bytes.data(), header.size());
  header[sizeof kBlockMagic] = std::byte{kFramingMajor};
  return Checksum64(header) == LoadLe<uint64_t>(&bytes[kBlockChecksumOffset]);
}

}  // namespace

uint64_t BlockHeader::end_unit() const { return unit_number + block_bytes / limits::kUnitBytes; }

void EncodeBlockHeader(const BlockHeader& header, std::span<std::byte> block) {
  std::string out;
  out.reserve(kBlockHeaderBytes);
  WriteCursor to(out);
  to.Text({kBlockMagic, sizeof kBlockMagic});
  to.U8(kFramingMajor);
  to.U8(kFramingMinor);
  to.U16(kBlockHeaderBytes);
  to.U8(header.type);
  to.U8(header.flags);
  to.Zeros(2);
  to.U32(header.block_bytes);
  to.U32(header.payload_bytes);
  to.U32(header.first_chunk);
  to.U32(header.volume_sequence);
  Put(out, header.volume_uuid);
  Put(out, header.session_id);
  to.U32(header.session_number);
  to.U32(header.marks_before);
  to.U64(header.block_number);
  to.U64(header.unit_number);
  to.U64(header.first_chunk_sequence);
  to.U64(header.last_end.object);
  to.U64(header.last_end.unit);
  to.U64(header.read_features);
  to.U64(header.body_checksum);
  to.U64(Checksum64(AsBytes(out)));
  std::memcpy(block.data(), out.data(), out.size());
}

bool HasBlockMagic(ByteSpan bytes) {
  return bytes.size() >= sizeof kBlockMagic &&
         std::memcmp(bytes.data(), kBlockMagic, sizeof kBlockMagic) == 0;
}

Result<BlockHeader> DecodeBlockHeader(ByteSpan bytes) {
  if (bytes.size() < kBlockHeaderBytes) return Truncated("fewer bytes than a block header has");
  if (!HasBlockMagic(bytes)) return Foreign("no block magic");
  ReadCursor in(bytes.first(kBlockHeaderBytes));
  in.ReadBytes(sizeof kBlockMagic);
  uint8_t major = in.U8();
  in.U8();  // a newer minor version is read as this one (chapter 0.5)
  if (major != kFramingMajor && !IsDamagedVersion(bytes)) {
    return Unsupported("framing version " + std::to_string(major) + ", this program reads " +
                       std::to_string(kFramingMajor));
  }
  if (Checksum64(bytes.first(kBlockChecksumOffset)) !=
      LoadLe<uint64_t>(&bytes[kBlockChecksumOffset])) {
    return Corrupt("block header checksum differs");
  }
  if (in.U16() != kBlockHeaderBytes) return Corrupt("block header length is not 128");
  BlockHeader header;
  header.type = in.U8();
  header.flags = in.U8();
  in.Zeros(2);
  header.block_bytes = in.U32();
  header.payload_bytes = in.U32();
  header.first_chunk = in.U32();
  header.volume_sequence = in.U32();
  Get(in, header.volume_uuid);
  Get(in, header.session_id);
  header.session_number = in.U32();
  header.marks_before = in.U32();
  header.block_number = in.U64();
  header.unit_number = in.U64();
  header.first_chunk_sequence = in.U64();
  header.last_end.object = in.U64();
  header.last_end.unit = in.U64();
  header.read_features = in.U64();
  header.body_checksum = in.U64();
  // Only the label belongs to no session.
  bool is_label = header.type == static_cast<uint8_t>(BlockType::kLabel);
  bool session_fits =
      is_label == AllZero(header.session_id) && is_label == (header.session_number == 0);
  bool fits =
      in.ok() && (header.flags & ~kBlockFlagAligned) == 0 && SizesInRange(header) && session_fits;
  if (!fits) return Corrupt("block header field out of range");
  return header;
}

ByteSpan BlockBody(const BlockHeader& header, ByteSpan block) {
  size_t end = header.aligned() ? kAlignedDataOffset : header.block_bytes;
  return block.subspan(kBlockHeaderBytes, end - kBlockHeaderBytes);
}

bool BlockBodyIntact(const BlockHeader& header, ByteSpan block) {
  if (Checksum64(BlockBody(header, block)) != header.body_checksum) return false;
  if (!header.aligned()) return true;
  return AllZero(block.subspan(kBlockHeaderBytes + size_t{header.payload_bytes}));
}

}  // namespace tapir
