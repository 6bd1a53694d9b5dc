#include "tools/catalog/filter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace tapir::cli {
namespace {

std::string RangeText(const char* text) {
  const auto range = ParseSizeRange(text);
  if (!range.ok()) return "none";
  const auto end = [](const std::optional<uint64_t>& bytes) {
    return bytes ? std::to_string(*bytes) : "";
  };
  return end(range->min) + ".." + end(range->max);
}

TEST(SizeRange, HasBothEndsOrOne) {
  EXPECT_EQ(RangeText("4K..2M"), "4096..2097152");
  EXPECT_EQ(RangeText("4K.."), "4096..");
  EXPECT_EQ(RangeText("..2M"), "..2097152");
  EXPECT_EQ(RangeText("0..0"), "0..0");
  EXPECT_EQ(RangeText("17"), "17..17");
}

TEST(SizeRange, IsNothingElse) {
  for (const char* text : {"", "..", "x", "4K..x", "x..4K", "2..1", "1..2..3", "-1..", "1...2"}) {
    EXPECT_EQ(RangeText(text), "none") << text;
  }
}

TEST(Types, AreLettersOfFind) {
  using Types = std::set<ObjectType>;
  EXPECT_EQ(*ParseTypes("f"), (Types{ObjectType::kRegular, ObjectType::kHardLink}));
  EXPECT_EQ(*ParseTypes("d,l"), (Types{ObjectType::kDirectory, ObjectType::kSymlink}));
  EXPECT_EQ(*ParseTypes("h"), Types{ObjectType::kHardLink});
  EXPECT_EQ(ParseTypes("fdlpcbxe")->size(), 9u);
  for (const char* text : {"", ",", "q", "fq", "F"}) EXPECT_FALSE(ParseTypes(text).ok()) << text;
}

TEST(Owners, AreNumbersOrNames) {
  EXPECT_EQ(*ParseUser("4294967295"), 4294967295u);
  EXPECT_EQ(*ParseUser("root"), 0u);
  EXPECT_EQ(*ParseGroup("0"), 0u);
  for (const char* text : {"", "4294967296", "-1", "nobody of that name"}) {
    EXPECT_FALSE(ParseUser(text).ok()) << text;
    EXPECT_FALSE(ParseGroup(text).ok()) << text;
  }
}

TEST(DigestPart, IsHexadecimal) {
  EXPECT_EQ(*ParseDigestPart("0aF"), "0af");
  EXPECT_EQ(ParseDigestPart(std::string(64, 'A'))->size(), 64u);
  for (const std::string& text : {std::string(), std::string("0x1"), std::string(65, '0')}) {
    EXPECT_FALSE(ParseDigestPart(text).ok()) << text;
  }
}

}  // namespace
}  // namespace tapir::cli
