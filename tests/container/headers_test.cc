#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "bytes/checksum.h"
#include "container/block_header.h"
#include "container/chunk_header.h"
#include "container/item.h"
#include "tapir/base/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using Bytes = std::vector<std::byte>;

BlockHeader SomeBlock() {
  BlockHeader header;
  header.type = 3;
  header.block_bytes = 8192;
  header.payload_bytes = 5000;
  header.first_chunk = 136;
  header.volume_sequence = 2;
  header.volume_uuid.fill(std::byte{1});
  header.session_id.fill(std::byte{2});
  header.session_number = 3;
  header.marks_before = 4;
  header.block_number = 5;
  header.unit_number = 6;
  header.first_chunk_sequence = 7;
  header.last_end = {8, 9};
  header.read_features = 10;
  header.body_checksum = 11;
  return header;
}

Bytes Encoded(const BlockHeader& header) {
  Bytes bytes(kBlockHeaderBytes);
  EncodeBlockHeader(header, bytes);
  return bytes;
}

TEST(BlockHeader, LiesAsTheTextSays) {
  Bytes bytes = Encoded(SomeBlock());
  EXPECT_EQ(ToHex(bytes),
            "89544150"
            "0d0a1a0a"
            "0001"
            "8000"
            "03"
            "00"
            "0000"
            "00200000"
            "88130000"
            "88000000"
            "02000000"
            "01010101010101010101010101010101"
            "0202020202020202"
            "03000000"
            "04000000"
            "0500000000000000"
            "0600000000000000"
            "0700000000000000"
            "0800000000000000"
            "0900000000000000"
            "0a00000000000000"
            "0b00000000000000" +
                ToHex(ByteSpan(bytes).subspan(120)));
  EXPECT_EQ(LoadLe<uint64_t>(&bytes[120]), Checksum64(ByteSpan(bytes).first(120)));
  BlockHeader read = Value(DecodeBlockHeader(bytes));
  EXPECT_EQ(Encoded(read), bytes);
}

// Changes a field and puts the checksum right again.
Result<BlockHeader> WithField(size_t at, uint64_t value, size_t bytes) {
  Bytes header = Encoded(SomeBlock());
  for (size_t i = 0; i < bytes; ++i) header[at + i] = static_cast<std::byte>(value >> (8 * i));
  StoreLe(&header[120], Checksum64(ByteSpan(header).first(120)));
  return DecodeBlockHeader(header);
}

TEST(BlockHeader, FieldsOutOfRangeAreRefused) {
  EXPECT_THAT(WithField(0, 0x88, 1), HasCode(StatusCode::kForeign));
  EXPECT_THAT(WithField(8, 1, 1), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(WithField(9, 200, 1), IsOk());
  EXPECT_THAT(WithField(10, 136, 2), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(12, 77, 1), IsOk());
  // A session and a number of it in all blocks but the label.
  EXPECT_THAT(WithField(12, 1, 1), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(48, 0, 8), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(56, 0, 4), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(13, 2, 1), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(14, 1, 1), HasCode(StatusCode::kCorrupt));
  for (uint64_t block_bytes :
       {uint64_t{0}, uint64_t{4095}, uint64_t{5000}, uint64_t{12 << 20}, uint64_t{0xFFFFF000}}) {
    EXPECT_THAT(WithField(16, block_bytes, 4), HasCode(StatusCode::kCorrupt)) << block_bytes;
  }
  EXPECT_THAT(WithField(20, 8064, 4), IsOk());
  EXPECT_THAT(WithField(20, 8065, 4), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(20, 0xFFFFFFFF, 4), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(WithField(24, 0, 4), IsOk());
  EXPECT_THAT(WithField(24, 128, 4), IsOk());
  // 128 + 5000 - 64 is the last place for a header.
  EXPECT_THAT(WithField(24, 5064, 4), IsOk());
  for (uint64_t first : {8u, 120u, 132u, 5072u, 0xFFFFFFF8u, 0xFFFFFFC0u}) {
    EXPECT_THAT(WithField(24, first, 4), HasCode(StatusCode::kCorrupt)) << first;
  }
}

TEST(BlockHeader, EachFlippedBitIsNoticed) {
  Bytes good = Encoded(SomeBlock());
  for (size_t bit = 0; bit < 8 * kBlockHeaderBytes; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_THAT(DecodeBlockHeader(bad),
                HasCode(bit < 64 ? StatusCode::kForeign : StatusCode::kCorrupt))
        << bit;
  }
  for (size_t length = 0; length < kBlockHeaderBytes; ++length) {
    EXPECT_FALSE(DecodeBlockHeader(ByteSpan(good).first(length)).ok());
  }
}

TEST(BlockBody, IsCheckedWithItsPadding) {
  for (bool aligned : {false, true}) {
    BlockHeader header = SomeBlock();
    header.first_chunk = 128;
    header.flags = aligned ? kBlockFlagAligned : 0;
    Bytes block(header.block_bytes, std::byte{0});
    for (size_t i = 128; i < 128 + 5000; ++i) block[i] = static_cast<std::byte>(i);
    header.body_checksum = Checksum64(BlockBody(header, block));
    EncodeBlockHeader(header, block);
    EXPECT_TRUE(BlockBodyIntact(header, block));
    for (size_t at = kBlockHeaderBytes; at < block.size(); at += 13) {
      block[at] ^= std::byte{1};
      bool data = aligned && at >= kAlignedDataOffset && at < 5128;
      EXPECT_EQ(BlockBodyIntact(header, block), data) << at;
      block[at] ^= std::byte{1};
    }
  }
}

ChunkHeader SomeChunk() {
  ChunkHeader header;
  header.codec = 1;
  header.kind = 2;
  header.flags = 0;
  header.stored_bytes = 100;
  header.raw_bytes = 200;
  header.sequence = 3;
  header.first_object = 4;
  header.object_count = 5;
  header.stream_number = 6;
  header.stream_offset = 7;
  header.raw_checksum = 8;
  return header;
}

SessionId SomeSession() { return {std::byte{1}, std::byte{2}}; }

Bytes Encoded(const ChunkHeader& header, const SessionId& session) {
  Bytes bytes(kChunkHeaderBytes);
  EncodeChunkHeader(header, session, bytes);
  return bytes;
}

TEST(ChunkHeader, LiesAsTheTextSays) {
  Bytes bytes = Encoded(SomeChunk(), SomeSession());
  EXPECT_EQ(ToHex(ByteSpan(bytes).first(56)),
            "8954434b"
            "01"
            "02"
            "0000"
            "64000000"
            "c8000000"
            "0300000000000000"
            "0400000000000000"
            "05000000"
            "06000000"
            "0700000000000000"
            "0800000000000000");
  EXPECT_EQ(LoadLe<uint64_t>(&bytes[56]), Checksum64(ByteSpan(bytes).first(56), 0x0201));
  ChunkHeader read = Value(DecodeChunkHeader(bytes, SomeSession()));
  EXPECT_EQ(Encoded(read, SomeSession()), bytes);
}

TEST(ChunkHeader, OfAnotherSessionIsRefused) {
  Bytes bytes = Encoded(SomeChunk(), SomeSession());
  SessionId other = SomeSession();
  other[7] = std::byte{1};
  EXPECT_THAT(DecodeChunkHeader(bytes, other), HasCode(StatusCode::kCorrupt));
}

TEST(ChunkHeader, EachFlippedBitIsNoticed) {
  Bytes good = Encoded(SomeChunk(), SomeSession());
  for (size_t bit = 0; bit < 8 * kChunkHeaderBytes; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_THAT(DecodeChunkHeader(bad, SomeSession()),
                HasCode(bit < 32 ? StatusCode::kForeign : StatusCode::kCorrupt));
  }
}

TEST(ChunkHeader, LengthsHaveToAgree) {
  auto with = [](uint8_t codec, uint32_t stored, uint32_t raw, uint16_t flags = 0) {
    ChunkHeader header = SomeChunk();
    header.codec = codec;
    header.stored_bytes = stored;
    header.raw_bytes = raw;
    header.flags = flags;
    return DecodeChunkHeader(Encoded(header, SomeSession()), SomeSession());
  };
  constexpr uint32_t kMax = limits::kMaxChunkRawBytes;
  EXPECT_THAT(with(0, 0, 0), IsOk());
  EXPECT_THAT(with(0, kMax, kMax, kChunkFlagAligned), IsOk());
  EXPECT_THAT(with(0, 1, 2), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(with(1, kMax - 1, kMax), IsOk());
  EXPECT_THAT(with(1, 5, 5), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(with(1, 0, 0), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(with(0, kMax + 1, kMax + 1), HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(with(1, 10, 0xFFFFFFFF), HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(with(99, 5, 6), IsOk());
  EXPECT_THAT(with(0, 5, 5, 2), HasCode(StatusCode::kUnsupported));
}

TEST(ExpandChunk, UnknownCodecsAndWrongChecksums) {
  Decompressor decompressor;
  ChunkHeader header = SomeChunk();
  std::string raw = "0123456789";
  Bytes out(raw.size());
  header.codec = 9;
  header.raw_bytes = 10;
  header.raw_checksum = Checksum64(AsBytes(raw));
  EXPECT_THAT(ExpandChunk(header, AsBytes(raw), decompressor, out),
              HasCode(StatusCode::kUnsupported));
  header.codec = 0;
  EXPECT_THAT(ExpandChunk(header, AsBytes(raw), decompressor, out), IsOk());
  EXPECT_EQ(AsText(out), raw);
  header.raw_checksum ^= 1;
  EXPECT_THAT(ExpandChunk(header, AsBytes(raw), decompressor, out), HasCode(StatusCode::kCorrupt));
}

std::vector<std::string> PayloadsOf(ByteSpan bytes, bool& failed) {
  std::vector<std::string> payloads;
  ItemReader items(bytes);
  for (;;) {
    Result<std::optional<Item>> item = items.Next();
    failed = !item.ok();
    EXPECT_TRUE(!failed || !Value(items.Next()).has_value());
    if (failed || !*item) return payloads;
    payloads.emplace_back(AsText((*item)->payload));
  }
}

TEST(Items, RoundTripAndNestAnywhere) {
  std::string out = "odd";
  std::vector<std::string> wanted;
  for (size_t size = 0; size < 40; ++size) {
    wanted.push_back(RandomBytes(size, size + 1));
    AppendItem(out, ItemType::kOptions, AsBytes(wanted.back()));
    EXPECT_EQ((out.size() - 3) % 8, 0u);
  }
  bool failed = false;
  EXPECT_EQ(PayloadsOf(AsBytes(out).subspan(3), failed), wanted);
  EXPECT_FALSE(failed);
}

TEST(Items, MalformedOnesEndTheReading) {
  std::string good;
  AppendItem(good, ItemType::kOptions, AsBytes("12345"));
  AppendItem(good, ItemType::kOptions, AsBytes("12345678"));
  bool failed = false;
  for (size_t length = 0; length < good.size(); ++length) {
    PayloadsOf(AsBytes(good).first(length), failed);
    EXPECT_EQ(failed, length != 0 && length != 16) << length;
  }
  struct Change {
    size_t at;
    char value;
  };
  // Type 0, length over the end, length that leaves padding of data, padding not zero.
  for (Change change : {Change{16, 0}, Change{20, 9}, Change{23, '\xFF'}, Change{4, 3},
                        Change{13, 1}, Change{15, 1}}) {
    std::string bad = good;
    bad[change.at] = change.value;
    if (change.at == 16) bad[17] = 0;
    PayloadsOf(AsBytes(bad), failed);
    EXPECT_TRUE(failed) << change.at;
  }
}

}  // namespace
}  // namespace tapir::test
