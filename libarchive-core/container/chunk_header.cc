#include "container/chunk_header.h"

#include <cstring>

#include "bytes/checksum.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

constexpr char kChunkMagic[4] = {'\x89', 'T', 'C', 'K'};
constexpr size_t kChunkChecksumOffset = 56;

uint64_t HeaderChecksum(ByteSpan header, const SessionId& session) {
  return Checksum64(header.first(kChunkChecksumOffset), LoadLe<uint64_t>(session.data()));
}

bool LengthsAgree(const ChunkHeader& header) {
  if (header.codec == static_cast<uint8_t>(Codec::kStored)) {
    return header.stored_bytes == header.raw_bytes;
  }
  return header.stored_bytes < header.raw_bytes;
}

}  // namespace

ChunkHeader StoredChunkHeader(ChunkKind kind, ByteSpan raw) {
  ChunkHeader header;
  header.kind = static_cast<uint8_t>(kind);
  header.raw_bytes = header.stored_bytes = static_cast<uint32_t>(raw.size());
  header.raw_checksum = Checksum64(raw);
  return header;
}

void EncodeChunkHeader(const ChunkHeader& header, const SessionId& session,
                       std::span<std::byte> out) {
  std::string text;
  text.reserve(kChunkHeaderBytes);
  WriteCursor to(text);
  to.Text({kChunkMagic, sizeof kChunkMagic});
  to.U8(header.codec);
  to.U8(header.kind);
  to.U16(header.flags);
  to.U32(header.stored_bytes);
  to.U32(header.raw_bytes);
  to.U64(header.sequence);
  to.U64(header.first_object);
  to.U32(header.object_count);
  to.U32(header.stream_number);
  to.U64(header.stream_offset);
  to.U64(header.raw_checksum);
  to.U64(HeaderChecksum(AsBytes(text), session));
  std::memcpy(out.data(), text.data(), text.size());
}

bool HasChunkMagic(ByteSpan bytes) {
  return bytes.size() >= sizeof kChunkMagic &&
         std::memcmp(bytes.data(), kChunkMagic, sizeof kChunkMagic) == 0;
}

Result<ChunkHeader> DecodeChunkHeader(ByteSpan bytes, const SessionId& session) {
  if (bytes.size() < kChunkHeaderBytes) return Truncated("fewer bytes than a chunk header has");
  if (!HasChunkMagic(bytes)) return Foreign("no chunk magic");
  if (HeaderChecksum(bytes, session) != LoadLe<uint64_t>(&bytes[kChunkChecksumOffset])) {
    return Corrupt("chunk header checksum differs");
  }
  ReadCursor in(bytes.first(kChunkHeaderBytes));
  in.ReadBytes(sizeof kChunkMagic);
  ChunkHeader header;
  header.codec = in.U8();
  header.kind = in.U8();
  header.flags = in.U16();
  header.stored_bytes = in.U32();
  header.raw_bytes = in.U32();
  header.sequence = in.U64();
  header.first_object = in.U64();
  header.object_count = in.U32();
  header.stream_number = in.U32();
  header.stream_offset = in.U64();
  header.raw_checksum = in.U64();
  if ((header.flags & ~kChunkFlagAligned) != 0) return Unsupported("chunk flag not known");
  if (header.raw_bytes > limits::kMaxChunkRawBytes) {
    return LimitExceeded("chunk of " + std::to_string(header.raw_bytes) + " bytes");
  }
  if (!LengthsAgree(header)) return Corrupt("chunk lengths do not agree");
  return header;
}

Status CheckRaw(const ChunkHeader& header, ByteSpan raw) {
  if (Checksum64(raw) != header.raw_checksum) return Corrupt("chunk checksum differs");
  return OkStatus();
}

Status ExpandChunk(const ChunkHeader& header, ByteSpan stored, Decompressor& decompressor,
                   std::span<std::byte> raw) {
  if (header.codec == static_cast<uint8_t>(Codec::kStored)) {
    std::memcpy(raw.data(), stored.data(), stored.size());
  } else if (header.codec == static_cast<uint8_t>(Codec::kZstd)) {
    TAPIR_RETURN_IF_ERROR(decompressor.Decompress(stored, raw));
  } else {
    return Unsupported("codec " + std::to_string(header.codec));
  }
  return CheckRaw(header, raw);
}

}  // namespace tapir
