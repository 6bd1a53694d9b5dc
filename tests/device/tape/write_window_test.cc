#include "device/tape/write_window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

/// What was added, without an end.
struct Written {
  bool mark = false;
  Bytes bytes;
};

void ExpectKept(const WriteWindow& window, const std::deque<Written>& all, uint64_t capacity) {
  ASSERT_EQ(window.end(), all.size());
  uint64_t bytes = 0;
  uint64_t before = 0;
  for (uint64_t i = 0; i < all.size(); ++i) {
    if (i < window.first().object) {
      before += all[i].bytes.size();
      continue;
    }
    ASSERT_EQ(window.at(i).mark, all[i].mark);
    ASSERT_TRUE(std::ranges::equal(window.at(i).bytes, all[i].bytes)) << i;
    bytes += all[i].bytes.size();
  }
  EXPECT_EQ(window.first().offset_bytes, before);
  EXPECT_LE(bytes, capacity);
}

TEST(WriteWindow, KeepsTheLastAsTheyWereWhateverTheirLengths) {
  std::mt19937 random(1);
  for (uint64_t capacity : {0u, 100u, 1000u, 4096u}) {
    WriteWindow window(capacity);
    window.Restart({});
    std::deque<Written> all;
    for (int i = 0; i < 2000; ++i) {
      unsigned what = random() % 16;
      if (what == 0) {
        all.push_back({.mark = true, .bytes = {}});
        window.AddMark(false);
      } else if (what == 1 && window.end() > window.first().object) {
        all.pop_back();
        window.CutAt(all.size());
      } else {
        all.push_back({.mark = false, .bytes = Pattern(1 + random() % 1200, random())});
        window.AddBlock(all.back().bytes);
        bool kept = window.first().object < window.end();
        EXPECT_EQ(kept, all.back().bytes.size() <= capacity);
      }
      ExpectKept(window, all, capacity);
    }
  }
}

TEST(WriteWindow, BlocksOfOneLengthFillIt) {
  WriteWindow window(10 * 4096 + 100);
  window.Restart({7, 70});
  for (uint64_t i = 0; i < 100; ++i) {
    window.AddBlock(Pattern(4096, i));
    EXPECT_EQ(window.end() - window.first().object, std::min<uint64_t>(i + 1, 10));
  }
  EXPECT_EQ(window.end(), 107u);
  EXPECT_EQ(window.longest_block_bytes(), 4096u);
  window.Restart({});
  EXPECT_EQ(window.end(), 0u);
  EXPECT_EQ(window.longest_block_bytes(), 0u);
}

}  // namespace
}  // namespace tapir
