#include "tools/size_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "tools/progress_line.h"
#include "tools/table.h"

namespace tapir::cli {
namespace {

TEST(SizeText, Parses) {
  const auto parsed = [](const char* text) {
    const auto size = ParseSize(text);
    EXPECT_TRUE(size.ok()) << text;
    return size.ok() ? *size : 0;
  };
  EXPECT_EQ(parsed("0"), 0u);
  EXPECT_EQ(parsed("4096"), 4096u);
  EXPECT_EQ(parsed("64K"), 65536u);
  EXPECT_EQ(parsed("64k"), 65536u);
  EXPECT_EQ(parsed("1M"), 1048576u);
  EXPECT_EQ(parsed("2GiB"), uint64_t{2} << 30);
  EXPECT_EQ(parsed("3T"), uint64_t{3} << 40);
  EXPECT_EQ(parsed("15E"), uint64_t{15} << 60);
}

TEST(SizeText, RefusesWhatIsNoSize) {
  for (const char* text : {"", "K", "-1", "1.5M", "1 M", "1KB", "1MB", "1Ki", "1X", "1MiBs", "16E",
                           "18446744073709551616"}) {
    EXPECT_FALSE(ParseSize(text).ok()) << text;
  }
}

TEST(SizeText, Formats) {
  EXPECT_EQ(FormatSize(0), "0 bytes");
  EXPECT_EQ(FormatSize(1), "1 byte");
  EXPECT_EQ(FormatSize(1023), "1,023 bytes");
  EXPECT_EQ(FormatSize(1024), "1.0 KiB");
  EXPECT_EQ(FormatSize(1536), "1.5 KiB");
  EXPECT_EQ(FormatSize((1u << 20) - 1), "1.0 MiB");
  EXPECT_EQ(FormatSize(std::numeric_limits<uint64_t>::max()), "16.0 EiB");
}

TEST(SizeText, Counts) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(83731), "83,731");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(Counted(1, "object"), "1 object");
  EXPECT_EQ(Counted(2, "object"), "2 objects");
  EXPECT_EQ(Counted(2, "entry", "entries"), "2 entries");
}

TEST(Progress, SaysWhatIsKnown) {
  EXPECT_EQ(FormatProgress({.bytes = 2048, .objects = 1, .bytes_per_second = 1024}),
            "2.0 KiB, 1.0 KiB/s, 1 object");
  EXPECT_EQ(FormatProgress(
                {.bytes = 1024, .expected_bytes = 76800, .objects = 2, .bytes_per_second = 1024}),
            "1.0 KiB of 75.0 KiB, 1.0 KiB/s, 2 objects, 1:14 left");
  EXPECT_EQ(FormatProgress({.bytes = 0, .expected_bytes = 10, .bytes_per_second = 0}),
            "0 bytes of 10 bytes, 0 bytes/s, 0 objects");
}

TEST(Table, AlignsColumns) {
  Table table({{"n", Table::Align::kRight}, {"name"}});
  table.Add({"10", "a"});
  table.Add({"7", "longer"});
  EXPECT_EQ(table.ToString(), " n  name\n10  a\n 7  longer\n");
}

}  // namespace
}  // namespace tapir::cli
