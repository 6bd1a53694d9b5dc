#include "object/content_digester.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using Ranges = std::vector<std::pair<uint64_t, std::string>>;

ContentDigester::Outcome DigestOf(const Ranges& ranges, uint64_t size) {
  ContentDigester digester(true);
  for (const auto& [offset, bytes] : ranges) digester.Data(offset, AsBytes(bytes));
  return digester.Finish(size);
}

// The plain form by its definition.
StreamDigester::Digests PlainOf(const Ranges& ranges, uint64_t size) {
  std::string contents(size, '\0');
  for (const auto& [offset, bytes] : ranges) contents.replace(offset, bytes.size(), bytes);
  StreamDigester digester(true);
  digester.Update(AsBytes(contents));
  return digester.Finish();
}

// The map form by its definition, adjacent ranges joined first.
StreamDigester::Digests MapOf(const Ranges& ranges, uint64_t size) {
  Ranges joined;
  for (const auto& [offset, bytes] : ranges) {
    if (bytes.empty()) continue;
    bool adjacent = !joined.empty() && joined.back().first + joined.back().second.size() == offset;
    if (adjacent) {
      joined.back().second += bytes;
    } else {
      joined.emplace_back(offset, bytes);
    }
  }
  std::string all;
  for (const auto& [offset, bytes] : joined) {
    all += bytes;
    WriteCursor(all).U64(offset);
    WriteCursor(all).U64(bytes.size());
  }
  WriteCursor(all).U64(size);
  StreamDigester digester(true);
  digester.Update(AsBytes(all));
  return digester.Finish();
}

TEST(ContentDigester, PlainWithAnyHoles) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    Ranges ranges;
    uint64_t at = random() % 3 * 777;
    for (uint64_t i = random() % 6; i > 0; --i) {
      ranges.emplace_back(at, RandomBytes(random() % 900, random()));
      at += ranges.back().second.size() + (random() % 2) * (random() % 100'000);
    }
    uint64_t size = at + random() % 3 * 1000;
    ContentDigester::Outcome outcome = DigestOf(ranges, size);
    EXPECT_FALSE(outcome.map_form);
    EXPECT_EQ(outcome.digests, PlainOf(ranges, size)) << round;
  }
}

TEST(ContentDigester, MapBeyondOneGibibyteOfHoles) {
  constexpr uint64_t kGib = uint64_t{1} << 30;
  std::string a = RandomBytes(5000, 1);
  std::string b = RandomBytes(100, 2);
  std::vector<std::pair<Ranges, uint64_t>> cases = {
      {{}, kGib + 1},
      {{{0, a}}, a.size() + kGib + 1},
      {{{kGib + 1, a}}, kGib + 1 + a.size()},
      {{{0, a}, {a.size(), b}, {9 * kGib, b}}, 10 * kGib},
      {{{100, a}, {100 + a.size(), b}, {5 * kGib, a}, {5 * kGib + 6000, b}}, 6 * kGib},
      {{{0, a}, {kGib, b}}, 2 * kGib},
      {{{7, b}}, uint64_t{1} << 62},
  };
  for (const auto& [ranges, size] : cases) {
    ContentDigester::Outcome outcome = DigestOf(ranges, size);
    EXPECT_TRUE(outcome.map_form);
    EXPECT_EQ(outcome.digests, MapOf(ranges, size)) << size;
  }
}

TEST(ContentDigester, ExactlyOneGibibyteIsPlain) {
  constexpr uint64_t kGib = uint64_t{1} << 30;
  ContentDigester digester(false);
  digester.Data(kGib, AsBytes("x"));
  ContentDigester::Outcome outcome = digester.Finish(kGib + 1);
  EXPECT_FALSE(outcome.map_form);
  EXPECT_EQ(outcome.data_bytes, 1u);
  // As xxhsum -H2 prints for that file.
  EXPECT_EQ(ToHex(outcome.digests.xxh128), "1428a2a1756be79fda1c127e18c3803c");
}

TEST(ContentDigester, IsReusableAfterReset) {
  ContentDigester digester(true);
  digester.Data(5000, AsBytes("hole before"));
  digester.Finish(uint64_t{1} << 40);
  digester.Reset();
  digester.Data(0, AsBytes("abc"));
  EXPECT_EQ(digester.Finish(3).digests, PlainOf({{0, "abc"}}, 3));
}

}  // namespace
}  // namespace tapir::test
