#include "device/vtape/time_model.h"

#include <gtest/gtest.h>

namespace tapir::vtape {
namespace {

constexpr uint64_t kMB = 1'000'000;

class TimeModelTest : public testing::Test {
 protected:
  /// A host that gives blocks of 1 MB at a rate, for some bytes.
  void Feed(uint64_t bytes, double mb_per_s) {
    for (uint64_t at = 0; at < bytes; at += kMB) {
      host_s_ += 1 / mb_per_s;
      model_.Write(kMB);
    }
  }
  double Total() { return model_.times().total_s; }

  const TapeProfile& profile_ = *FindTapeProfile("lto-9");
  double host_s_ = 0;
  TimeModel model_{profile_, [this] { return host_s_; }};
};

TEST_F(TimeModelTest, AFastHostIsHeldToTheNativeRate) {
  Feed(40'000 * kMB, 2000);
  model_.Flush();
  EXPECT_NEAR(Total(), 40'000 / 400.0 + 3, 3.5);
  EXPECT_EQ(model_.times().back_hitches, 1u) << "the one that ends the writing";
}

TEST_F(TimeModelTest, AHostWithinTheMatchedRatesNeverStopsTheTape) {
  Feed(40'000 * kMB, 200);
  EXPECT_EQ(model_.times().back_hitches, 0u);
  EXPECT_NEAR(Total(), 200, 3);
}

TEST_F(TimeModelTest, ASlowHostMakesItStopAndStart) {
  Feed(40'000 * kMB, 90);
  uint64_t hitches = model_.times().back_hitches;
  // Half a buffer is written out at the slowest rate while the host goes on giving.
  double bytes_per_run = 0.537e9 / (1 - 90 / 177.0);
  EXPECT_NEAR(static_cast<double>(hitches), 40e9 / bytes_per_run, 5);
}

TEST_F(TimeModelTest, FilemarksThatWaitStopTheTapeEachTime) {
  for (int i = 0; i < 10; ++i) {
    Feed(100 * kMB, 2000);
    model_.Flush();
  }
  EXPECT_EQ(model_.times().back_hitches, 10u);
  EXPECT_GT(Total(), 30);
}

TEST_F(TimeModelTest, MovingTakesWhatTheDataSheetSays) {
  uint64_t wrap = profile_.capacity_bytes / profile_.wraps;
  model_.Move(0, wrap / 2);
  EXPECT_NEAR(Total(), profile_.average_locate_s, 0.1);
  model_.Rewind(wrap / 2);
  EXPECT_NEAR(Total(), profile_.average_locate_s + profile_.average_rewind_s, 0.1);
  // The end of a wrap is where the next one begins, and that of the second is the load point.
  double before = Total();
  model_.Move(0, 2 * wrap);
  EXPECT_NEAR(Total() - before, 2, 0.1);
  model_.Move(5, 5);
  EXPECT_NEAR(Total() - before, 2, 0.1);
}

TEST_F(TimeModelTest, ReadingAheadHidesPauses) {
  model_.Read(kMB);
  host_s_ += 1;
  double before = Total();
  for (int i = 0; i < 400; ++i) model_.Read(kMB);
  EXPECT_NEAR(Total(), before, 0.01) << "it was in the buffer";
  host_s_ += 100;
  EXPECT_EQ(model_.times().back_hitches, 1u) << "the buffer is full";
}

}  // namespace
}  // namespace tapir::vtape
