#include "bytes/checksum.h"

#include <gtest/gtest.h>

#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

// Byte i is 7 i + 3.
std::string Pattern(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + 3);
  return bytes;
}

struct Known {
  size_t size;
  uint64_t xxh64;
  const char* xxh128;
  const char* sha256_begins;
};

// As xxhsum -H3, xxhsum -H2 and sha256sum print them. The sizes are those where XXH3 changes its
// way.
constexpr Known kKnown[] = {
    {0, 0x2d06800538d394c2, "99aa06d3014798d86001c324468d497f", "e3b0c44298fc1c14"},
    {1, 0x13e608bc156defed, "22bbb76b211a39ba13e608bc156defed", "084fed08b978af4d"},
    {3, 0xa9088dda485b481c, "ce31763cbf8245a5a9088dda485b481c", "6ab0dba1f4f1dfbb"},
    {8, 0x60539db630471163, "e3bc8a5f461715553cd024e3d63a1588", "0865c1be255b33b6"},
    {16, 0xb8c859b0f030b585, "ce0b9647ab24f88460d75c5e47d40a24", "9c94926dfb94433e"},
    {17, 0x714a04408e79b80f, "bfd327edcc2fbd12eeed7654312a26d7", "bbc485bd3e986556"},
    {128, 0x67425a03650261bf, "1b1962a096bac78bc580008b6c92ac53", "d2742f1f4ac6bb7c"},
    {129, 0xc664bf3311c6abc4, "293e4968c4619023bd91ce7ace4d385b", "307f8fc2c1622b92"},
    {240, 0x64556dc6b462a6cf, "ad46c1021b076bc704e0b5f034bee80b", "93fa68266890012c"},
    {241, 0x8beadd3a8874fe17, "ac6c3492c3d6b45d8beadd3a8874fe17", "c28ffab2409df22f"},
    {1000, 0x6c4f14bd97bd9e82, "6bcc7eff62da44c26c4f14bd97bd9e82", "1e9bc38cbf860b9e"},
    {100000, 0x0c056f6fcc340974, "d9e155dd16e141d00c056f6fcc340974", "d96bab6a55ee326b"},
};

TEST(Checksum, KnownAnswers) {
  for (const Known& known : kKnown) {
    std::string bytes = Pattern(known.size);
    EXPECT_EQ(Checksum64(AsBytes(bytes)), known.xxh64) << known.size;
    EXPECT_EQ(Checksum64(AsBytes(bytes), 0), known.xxh64) << known.size;
    EXPECT_NE(Checksum64(AsBytes(bytes), 1), known.xxh64) << known.size;
    EXPECT_EQ(ToHex(ComputeDigest128(AsBytes(bytes))), known.xxh128) << known.size;
    StreamDigester digester(true);
    digester.Update(AsBytes(bytes));
    StreamDigester::Digests digests = digester.Finish();
    EXPECT_EQ(ToHex(digests.xxh128), known.xxh128) << known.size;
    EXPECT_EQ(ToHex(digests.sha256).substr(0, 16), known.sha256_begins) << known.size;
  }
}

TEST(StreamDigester, EverySplitGivesTheSame) {
  std::string bytes = Pattern(700);
  StreamDigester digester(true);
  digester.Update(AsBytes(bytes));
  StreamDigester::Digests whole = digester.Finish();
  for (size_t split = 0; split <= bytes.size(); ++split) {
    digester.Reset();
    digester.Update(AsBytes(bytes).first(split));
    digester.Update(AsBytes(bytes).subspan(split));
    EXPECT_EQ(digester.Finish(), whole) << split;
  }
}

TEST(StreamDigester, ForksGoTheirOwnWays) {
  for (size_t common : {0u, 10u, 5000u}) {
    StreamDigester first(true);
    first.Update(AsBytes(Pattern(common)));
    StreamDigester second = first.Fork();
    first.Update(AsBytes("one"));
    second.Update(AsBytes("two"));
    for (auto [digester, tail] : {std::pair(&first, "one"), std::pair(&second, "two")}) {
      StreamDigester straight(true);
      straight.Update(AsBytes(Pattern(common) + tail));
      EXPECT_EQ(digester->Finish(), straight.Finish()) << common;
    }
  }
}

TEST(StreamDigester, ZerosAreBytesLikeOthers) {
  for (uint64_t count : {uint64_t{0}, uint64_t{1}, uint64_t{65'536}, uint64_t{200'001}}) {
    StreamDigester zeros(true);
    zeros.Update(AsBytes("x"));
    zeros.UpdateZeros(count);
    StreamDigester bytes(true);
    bytes.Update(AsBytes("x" + std::string(count, '\0')));
    EXPECT_EQ(zeros.Finish(), bytes.Finish()) << count;
  }
}

TEST(StreamDigester, WithoutSha256ItIsZero) {
  StreamDigester digester(false);
  digester.Update(AsBytes("abc"));
  StreamDigester::Digests digests = digester.Fork().Finish();
  EXPECT_EQ(ToHex(digests.xxh128), "06b05ab6733a618578af5f94892f3950");
  EXPECT_EQ(digests.sha256, Sha256{});
}

}  // namespace
}  // namespace tapir::test
