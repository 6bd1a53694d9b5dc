#include "windows/file_time.h"

#include <gtest/gtest.h>

#include <limits>

namespace tapir::test {
namespace {

TEST(WindowsTime, IsTheSameMoment) {
  EXPECT_EQ(FromWindowsTime(0), (Timestamp{-11'644'473'600, 0}));
  EXPECT_EQ(FromWindowsTime(116'444'736'000'000'000), (Timestamp{0, 0}));
  EXPECT_EQ(FromWindowsTime(116'444'735'999'999'999), (Timestamp{-1, 999'999'900}));
  EXPECT_EQ(ToWindowsTime({0, 199}), 116'444'736'000'000'001u);
  EXPECT_EQ(ToWindowsTime({-1, 999'999'999}), 116'444'735'999'999'999u);
}

TEST(WindowsTime, ComesBackAtTheEndsOfItsRange) {
  const uint64_t top = std::numeric_limits<int64_t>::max();
  for (const uint64_t time : {uint64_t{0}, uint64_t{1}, top, top + 1, ~uint64_t{0}}) {
    EXPECT_EQ(ToWindowsTime(FromWindowsTime(time)), time);
  }
}

}  // namespace
}  // namespace tapir::test
