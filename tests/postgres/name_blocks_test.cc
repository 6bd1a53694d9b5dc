#include "postgres/name_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::ElementsAre;

TEST(NameBlocks, AreSplitAtSlashes) {
  EXPECT_THAT(Value(SplitBlock("one")), ElementsAre("one"));
  EXPECT_THAT(Value(SplitBlock("a/\n b/\xFF")), ElementsAre("a", "\n b", "\xFF"));
  EXPECT_THAT(Value(SplitBlock("/")), ElementsAre("", ""));
}

TEST(NameBlocks, HaveSoManyNamesAndNoMore) {
  std::string texts = "x";
  for (int64_t i = 1; i < kNamesOfBlock; ++i) texts += "/x";
  EXPECT_EQ(Value(SplitBlock(texts)).size(), static_cast<size_t>(kNamesOfBlock));
  EXPECT_THAT(SplitBlock(texts + "/x"), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(SplitBlock(std::string(1'000'000, '/')), HasCode(StatusCode::kCorrupt));
}

TEST(NameBlocks, MissingNamesAreInOrder) {
  const std::vector<std::string_view> names = {"c", "a", "b"};
  WantedNames wanted(names);
  EXPECT_THAT(wanted.Missing(), ElementsAre("a", "b", "c"));
  wanted.Set("b", 17);
  EXPECT_THAT(wanted.Missing(), ElementsAre("a", "c"));
  EXPECT_EQ(wanted.KeyOf("a"), std::nullopt);
  EXPECT_EQ(wanted.KeyOf("b"), NameKey{17});
}

}  // namespace
}  // namespace tapir::test
