#include "tools/time_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

namespace tapir::cli {
namespace {

/// Local time of these tests: two hours east of Greenwich, without summer time.
class TimeText : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "TST-2", 1);
    tzset();
  }
};

Timestamp Parsed(const std::string& text) {
  const auto time = ParseTime(text);
  EXPECT_TRUE(time.ok()) << text;
  return time.ok() ? *time : Timestamp{};
}

TEST_F(TimeText, TakesLocalTime) {
  EXPECT_EQ(Parsed("2026-05-01T12:30:59").seconds, 1777631459);
  EXPECT_EQ(Parsed("2026-05-01 12:30:59"), Parsed("2026-05-01T12:30:59"));
  EXPECT_EQ(Parsed("2026-05-01T12:30").seconds, 1777631400);
}

TEST_F(TimeText, TakesOffsets) {
  for (const char* zone : {"Z", "+00", "+0000", "-00:00"}) {
    EXPECT_EQ(Parsed(std::string("2026-05-01T10:30:59") + zone).seconds, 1777631459) << zone;
  }
  EXPECT_EQ(Parsed("2026-05-01T16:00:59+05:30").seconds, 1777631459);
  EXPECT_EQ(Parsed("2026-05-01T03:30:59-0700").seconds, 1777631459);
}

TEST_F(TimeText, ADateIsTheEndOfItsDay) {
  EXPECT_EQ(Parsed("2026-05-01"), (Timestamp{.seconds = Parsed("2026-05-01T23:59:59").seconds,
                                             .nanoseconds = 999'999'999}));
  EXPECT_EQ(Parsed("2026-05-01Z").seconds, 1777679999);
}

TEST_F(TimeText, ADateIsTheBeginningOfItsDayIfAskedFor) {
  const auto day = ParseTime("2026-05-01", WholeDay::kBegin);
  ASSERT_TRUE(day.ok());
  EXPECT_EQ(*day, Parsed("2026-05-01T00:00"));
  EXPECT_EQ(ParseTime("2026-05-01T12:30", WholeDay::kBegin)->seconds,
            Parsed("2026-05-01T12:30").seconds);
}

TEST_F(TimeText, TakesFractions) {
  EXPECT_EQ(Parsed("2026-05-01T12:30:59.25"),
            (Timestamp{.seconds = 1777631459, .nanoseconds = 250'000'000}));
  EXPECT_EQ(Parsed("2026-05-01T12:30:59.1234567891Z").nanoseconds, 123'456'789u);
}

TEST_F(TimeText, TakesSecondsSince1970) {
  EXPECT_EQ(Parsed("@0"), Timestamp{});
  EXPECT_EQ(Parsed("@-5").seconds, -5);
  EXPECT_EQ(Parsed("@1777631459.5"),
            (Timestamp{.seconds = 1777631459, .nanoseconds = 500'000'000}));
}

TEST_F(TimeText, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "yesterday",
                           "2026",
                           "2026-05",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-05-01T",
                           "2026-05-01T24:00",
                           "2026-05-01T12",
                           "2026-05-01T12:60",
                           "2026-05-01T12:30:60",
                           "2026-05-01T12:30:59.",
                           "2026-05-01T12:30:59 Z",
                           "2026-05-01T12:30+2",
                           "2026-05-01T12:30+02:",
                           "2026-05-01x",
                           "@",
                           "@x",
                           "@1x",
                           "26-05-01",
                           " 2026-05-01",
                           "@99999999999999999999"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

TEST_F(TimeText, Formats) {
  const Timestamp time{.seconds = 1777631459, .nanoseconds = 5};
  EXPECT_EQ(FormatLocalTime(time), "2026-05-01 12:30:59");
  EXPECT_EQ(FormatUtcTime(time), "2026-05-01T10:30:59.000000005Z");
  EXPECT_EQ(FormatUtcTime({.seconds = -1}), "1969-12-31T23:59:59.000000000Z");
}

TEST_F(TimeText, FormatsTimesBeyondTheCalendar) {
  const Timestamp latest{.seconds = std::numeric_limits<int64_t>::max()};
  EXPECT_EQ(FormatLocalTime(latest), "@9223372036854775807");
  EXPECT_EQ(FormatUtcTime(latest), "@9223372036854775807");
}

}  // namespace
}  // namespace tapir::cli
