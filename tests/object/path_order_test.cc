#include "tapir/object/path_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tapir {
namespace {

using namespace std::string_literals;

// Written in path order; every pair is compared.
const std::vector<std::string> kOrdered = {
    ".",    "\x01",   "\x01/x", "!",    "a",    "a/\x01",   "a/b",      "a/b/c",
    "a/b-", "a/\xff", "a\n",    "a b",  "a!",   "a-b",      "a-b/c",    "a.b",
    "aa",   "b",      "b/a",    "\x7f", "\x80", "\xc3\xa9", "\xff\xfe", "\xff\xff"};

TEST(PathOrder, EveryPairComparesByItsPlace) {
  for (size_t i = 0; i < kOrdered.size(); ++i) {
    for (size_t j = 0; j < kOrdered.size(); ++j) {
      const int order = ComparePaths(kOrdered[i], kOrdered[j]);
      EXPECT_EQ(order < 0, i < j) << kOrdered[i] << " : " << kOrdered[j];
      EXPECT_EQ(order > 0, i > j) << kOrdered[i] << " : " << kOrdered[j];
      EXPECT_EQ(PathLess()(kOrdered[i], kOrdered[j]), i < j);
    }
  }
}

TEST(PathOrder, BelowMeansBehindAWholeComponent) {
  EXPECT_TRUE(IsBelow("a/b", "a"));
  EXPECT_TRUE(IsBelow("a/b/c", "a"));
  EXPECT_TRUE(IsBelow("a", "."));
  EXPECT_FALSE(IsBelow(".", "."));
  EXPECT_FALSE(IsBelow("a", "a"));
  EXPECT_FALSE(IsBelow("ab", "a"));
  EXPECT_FALSE(IsBelow("a", "a/b"));
  EXPECT_FALSE(IsBelow("a-b/c", "a"));
}

TEST(PathOrder, AcceptsEveryPathOfTheFormat) {
  for (const std::string& path : kOrdered) EXPECT_TRUE(CheckPath(path).ok()) << path;
  EXPECT_TRUE(CheckPath("..a/.b/...").ok());
  EXPECT_TRUE(CheckPath(std::string(4'096, 'n')).ok());
  std::string longest;
  while (longest.size() < 1'048'576) longest += "xxx/";
  longest.back() = 'x';
  EXPECT_TRUE(CheckPath(longest).ok());
  EXPECT_FALSE(CheckPath(longest + "x").ok());
}

TEST(PathOrder, RefusesWhatTheFormatForbids) {
  for (const std::string& path :
       {""s, "/"s, "/a"s, "a/"s, "a//b"s, ".."s, "../a"s, "a/.."s, "a/../b"s, "./a"s, "a/."s,
        "a/./b"s, "a\0b"s, "\0"s, std::string(4'097, 'n'), "a/" + std::string(4'097, 'n')}) {
    const Status status = CheckPath(path);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << path;
  }
}

TEST(PathOrder, WhereAPathLies) {
  EXPECT_EQ(ParentPath("a/b/c"), "a/b");
  EXPECT_EQ(ParentPath("a/b"), "a");
  EXPECT_EQ(ParentPath("a"), ".");
}

}  // namespace
}  // namespace tapir
