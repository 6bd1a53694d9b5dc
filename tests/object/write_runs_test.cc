#include "object/write_runs.h"

#include <gtest/gtest.h>

namespace tapir::test {
namespace {

TEST(WriteRuns, LongOnesBeginNearlyFullAndEndEmpty) {
  WriteRuns runs(LongRuns(1600));
  EXPECT_TRUE(runs.filling());
  EXPECT_FALSE(runs.MayWrite(1499));
  EXPECT_TRUE(runs.MayWrite(1500));
  EXPECT_TRUE(runs.HasRoom(1599));
  EXPECT_FALSE(runs.HasRoom(1600));
  runs.Begin();
  EXPECT_TRUE(runs.MayWrite(1));
  runs.Written(1);
  EXPECT_TRUE(runs.MayWrite(1));
  runs.Written(0);
  EXPECT_TRUE(runs.filling());
  EXPECT_FALSE(runs.MayWrite(1499));
}

TEST(WriteRuns, WithoutAHighMarkNothingIsWaitedFor) {
  WriteRuns runs({.high_bytes = 0, .full_bytes = 10});
  EXPECT_TRUE(runs.MayWrite(1));
  runs.Begin();
  runs.Written(0);
  EXPECT_FALSE(runs.filling());
  EXPECT_TRUE(runs.MayWrite(1));
}

// However small it is, what is full may be written.
TEST(WriteRuns, AFullBufferIsAlwaysWritten) {
  for (uint64_t capacity = 1; capacity < 100; ++capacity) {
    EXPECT_TRUE(WriteRuns(LongRuns(capacity)).MayWrite(capacity)) << capacity;
  }
}

}  // namespace
}  // namespace tapir::test
