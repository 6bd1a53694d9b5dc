#include "tools/escape.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tapir::cli {
namespace {

TEST(Escape, LeavesReadableNamesAlone) {
  for (const std::string name : {"", "a/b c.txt", "Größe", "日本語", "😀", "it's"}) {
    EXPECT_EQ(Escaped(name), name);
  }
}

TEST(Escape, CountsCharacters) {
  const std::vector<std::pair<std::string, size_t>> samples = {
      {"", 0},  {"shelf 3", 7},   {"Köln", 4},      {"日本", 2},
      {"😀", 1}, {"a\xff\xc3", 3}, {"\xe2\x82g", 3},
  };
  for (const auto& [text, count] : samples) EXPECT_EQ(CharacterCount(text), count) << text;
}

TEST(Escape, ShowsControlCharactersAndBackslashes) {
  const std::vector<std::pair<std::string, std::string>> samples = {
      {"a\nb", "a\\nb"},         {"a\tb\rc", "a\\tb\\rc"},
      {"\x1b[31m", "\\x1B[31m"}, {std::string("a\0b", 3), "a\\x00b"},
      {"\x7f", "\\x7F"},         {"a\\nb", "a\\\\nb"},
  };
  for (const auto& [name, shown] : samples) EXPECT_EQ(Escaped(name), shown);
}

TEST(Escape, ShowsWhatIsNotUtf8ByteByByte) {
  const std::vector<std::pair<std::string, std::string>> samples = {
      {"a\xff\xfe", "a\\xFF\\xFE"},
      {"\xc3", "\\xC3"},           // cut
      {"\xc0\xaf", "\\xC0\\xAF"},  // overlong
      {"\xe0\x80\xaf", "\\xE0\\x80\\xAF"},
      {"\xed\xa0\x80", "\\xED\\xA0\\x80"},  // a surrogate
      {"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},
      {"\xe2\x82g", "\\xE2\\x82g"},
  };
  for (const auto& [name, shown] : samples) {
    EXPECT_EQ(Escaped(name), shown);
    EXPECT_FALSE(IsUtf8(name)) << shown;
  }
}

TEST(Escape, ShowsWhatActsOnATerminalBeyondAscii) {
  EXPECT_EQ(Escaped("\xc2\x9b"), "\\xC2\\x9B");           // CSI as one character
  EXPECT_EQ(Escaped("\xe2\x80\xae"), "\\xE2\\x80\\xAE");  // right-to-left override
  EXPECT_TRUE(IsUtf8("\xe2\x80\xae"));
}

TEST(Escape, DistinctNamesStayDistinct) {
  EXPECT_NE(Escaped("a\nb"), Escaped("a\\nb"));
  EXPECT_NE(Escaped("\xff"), Escaped("\\xFF"));
}

TEST(Escape, QuotesForMessages) {
  EXPECT_EQ(Quoted("a b"), "'a b'");
  EXPECT_EQ(Quoted("it's"), "'it\\'s'");
  EXPECT_EQ(Quoted("\n"), "'\\n'");
  EXPECT_EQ(SafeText("cannot open 'a\\b\x1b'"), "cannot open 'a\\b\\x1B'");
}

}  // namespace
}  // namespace tapir::cli
