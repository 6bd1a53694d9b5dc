#include "bytes/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

std::string Expand(const std::string& stored, size_t raw_bytes) {
  Decompressor decompressor;
  std::string raw(raw_bytes, '\x55');
  Check(decompressor.Decompress(AsBytes(stored), std::as_writable_bytes(std::span(raw))));
  return raw;
}

TEST(Codec, RoundTripsAtAllLevels) {
  for (int level : {1, 3, 9, 19}) {
    Compressor compressor(level);
    for (size_t size : {64u, 1000u, 200'000u}) {
      std::string raw = TextBytes(size, size);
      std::string stored;
      ASSERT_TRUE(Value(compressor.Compress(AsBytes(raw), stored))) << size;
      EXPECT_TRUE(Expand(stored, size) == raw);
      std::string again;
      EXPECT_TRUE(Value(compressor.Compress(AsBytes(raw), again)));
      EXPECT_EQ(stored, again);
    }
  }
}

TEST(Codec, WhatDoesNotGainThreePercentIsNotCompressed) {
  Compressor compressor(3);
  std::string stored;
  std::string noise = RandomBytes(100'000, 1);
  EXPECT_FALSE(Value(compressor.Compress(AsBytes(noise), stored)));
  size_t taken = 0;
  for (size_t zeros = 0; zeros <= 10'000; zeros += 100) {
    std::string raw = noise.substr(0, 100'000 - zeros) + std::string(zeros, '\0');
    bool smaller = Value(compressor.Compress(AsBytes(raw), stored));
    if (smaller) {
      EXPECT_LT(stored.size(), raw.size() * 97 / 100);
      EXPECT_TRUE(Expand(stored, raw.size()) == raw);
    }
    EXPECT_TRUE(smaller || zeros < 4000);
    EXPECT_TRUE(!smaller || zeros > 2500);
    taken += smaller ? 1u : 0u;
  }
  EXPECT_GT(taken, 0u);
}

TEST(Codec, TinyPiecesAreNeverCompressed) {
  Compressor compressor(3);
  std::string stored;
  for (size_t size = 0; size < 64; ++size) {
    EXPECT_FALSE(Value(compressor.Compress(AsBytes(std::string(size, 'a')), stored)));
  }
}

TEST(Codec, LooksCompressibleTellsNoiseFromText) {
  Compressor compressor(3);
  std::string noise = RandomBytes(1u << 20, 1);
  EXPECT_FALSE(compressor.LooksCompressible(AsBytes(noise)));
  EXPECT_TRUE(compressor.LooksCompressible(AsBytes(TextBytes(1u << 20, 1))));
  EXPECT_TRUE(compressor.LooksCompressible(AsBytes(noise).first(65'536)));
  EXPECT_FALSE(compressor.LooksCompressible(AsBytes(noise).first(65'537)));
  std::string tail = noise;
  tail.replace(tail.size() - 16'384, 16'384, std::string(16'384, 'a'));
  EXPECT_TRUE(compressor.LooksCompressible(AsBytes(tail)));
}

TEST(Codec, DamagedFramesAreCorruptOrExpandToTheirLength) {
  Compressor compressor(3);
  Decompressor decompressor;
  std::string raw = TextBytes(20'000, 4);
  std::string stored;
  ASSERT_TRUE(Value(compressor.Compress(AsBytes(raw), stored)));
  std::string out(raw.size(), '\0');
  auto expand = [&](const std::string& bytes, size_t raw_bytes) {
    return decompressor.Decompress(AsBytes(bytes),
                                   std::as_writable_bytes(std::span(out)).first(raw_bytes));
  };
  for (size_t length = 0; length < stored.size(); ++length) {
    EXPECT_THAT(expand(stored.substr(0, length), raw.size()), HasCode(StatusCode::kCorrupt));
  }
  std::mt19937_64 random(1);
  for (size_t at = 0; at < stored.size(); ++at) {
    std::string bad = stored;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
    Status status = expand(bad, raw.size());
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorrupt);
  }
  EXPECT_THAT(expand(stored, raw.size() - 1), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(expand(stored + "x", raw.size()), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(expand(stored, raw.size()), IsOk());
  EXPECT_EQ(out, raw);
}

}  // namespace
}  // namespace tapir::test
