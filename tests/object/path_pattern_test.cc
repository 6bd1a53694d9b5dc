#include "tapir/object/path_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace tapir {
namespace {

struct Case {
  const char* pattern;
  const char* path;
  bool matches;
};

const Case kAnywhere[] = {
    // Without '/': any component name, whole.
    {"b", "b", true},
    {"b", "a/b", true},
    {"b", "ab", false},
    {"b", "b/c", false},
    {"*.o", "a/b.o", true},
    {"*.o", ".o", true},
    {"*.o", "b.ob", false},
    {"*", "a", true},
    {"*", ".", false},
    {".", ".", false},
    {"", "a", false},
    {"a*b*c", "aXbYbZc", true},
    {"a*b*c", "aXbYbZ", false},
    {"?", "\xff", true},
    {"?", "", false},
    {"??", "x", false},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[!a-c]x", "dx", true},
    {"[^a-c]x", "bx", false},
    {"[]]", "]", true},
    {"[a-]", "-", true},
    {"[\x80-\xff]", "\xc3", true},
    {"[\\]]", "]", true},
    {"[a", "[a", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"a\\", "a\\", true},
    {"*\n*", "x\ny", true},
    {"b/", "a/b", true},
    // With '/': from the start or behind any '/'.
    {"a/b", "a/b", true},
    {"a/b", "x/a/b", true},
    {"a/b", "xa/b", false},
    {"a/b", "a/b/c", false},
    {"a/*", "a/b", true},
    {"a/*", "a/b/c", false},
    {"./a//b", "a/b", true},
    // A leading '/' ties it.
    {"/b", "b", true},
    {"/b", "a/b", false},
    {"/a/*.o", "a/b.o", true},
    {"/a/*.o", "x/a/b.o", false},
    {"/*", "a", true},
    {"/*", "a/b", false},
    // "**" takes whole components.
    {"/a/**/z", "a/z", true},
    {"/a/**/z", "a/b/c/z", true},
    {"/a/**/z", "a/b/c/y", false},
    {"/a/**/z", "x/a/z", false},
    {"a/**", "a", false},
    {"a/**", "a/b/c", true},
    {"**", "a/b", true},
    {"**/b/**/d/*", "a/b/c/b/d/e", true},
    {"a**b", "axxb", true},
    {"a**b", "ax/xb", false},
};

TEST(PathPattern, MatchesAnywhere) {
  for (const Case& c : kAnywhere) {
    EXPECT_EQ(PathPattern(c.pattern).Matches(c.path), c.matches) << c.pattern << " : " << c.path;
  }
}

TEST(PathPattern, TiedToTheStart) {
  EXPECT_TRUE(PathPattern("a/b", PathPattern::Anchor::kStart).Matches("a/b"));
  EXPECT_FALSE(PathPattern("a/b", PathPattern::Anchor::kStart).Matches("x/a/b"));
  EXPECT_FALSE(PathPattern("b", PathPattern::Anchor::kStart).Matches("x/b"));
}

TEST(PathPattern, AboveMeansADirectoryOnTheWayMatches) {
  EXPECT_TRUE(PathPattern("b").MatchesOrIsAbove("a/b/c/d"));
  EXPECT_TRUE(PathPattern("/a").MatchesOrIsAbove("a/b"));
  EXPECT_TRUE(PathPattern("d").MatchesOrIsAbove("a/b/c/d"));
  EXPECT_FALSE(PathPattern("/b").MatchesOrIsAbove("a/b"));
  EXPECT_FALSE(PathPattern("b").MatchesOrIsAbove("a/bb/c"));
}

TEST(PathPattern, ManyStarsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  EXPECT_FALSE(PathPattern(pattern + "b").Matches(std::string(4000, 'a')));
}

}  // namespace
}  // namespace tapir
