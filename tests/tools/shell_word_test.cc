#include "tools/shell_word.h"

#include <gmock/gmock.h>

#include "tapir/object/path_pattern.h"

namespace tapir::cli {
namespace {

TEST(ShellWord, IsBareWhereThatIsSafe) {
  EXPECT_EQ(ShellWord("vtape:/srv/a.tap"), "vtape:/srv/a.tap");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("~"), "'~'");
  EXPECT_EQ(ShellWord("$(x)`y`;&|*?"), "'$(x)`y`;&|*?'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord("back\\slash"), "'back\\slash'");
  EXPECT_EQ(ShellWord("größe"), "'größe'");
}

TEST(ShellWord, ShowsBytesThatCannotBeShown) {
  EXPECT_EQ(ShellWord("caf\xE9"), "$'caf\\xE9'");
  EXPECT_EQ(ShellWord("a\nb"), "$'a\\x0Ab'");
  EXPECT_EQ(ShellWord("\x1B[2J'\\"), "$'\\x1B[2J\\'\\\\'");
  EXPECT_EQ(ShellWord("a\u202Eb"), "$'a\\xE2\\x80\\xAEb'");
}

TEST(PatternOfPath, SelectsThisPathAlone) {
  for (const char* path : {"a/b", "a*b", "[a]", "a?", "back\\slash", "a\\*"}) {
    const PathPattern pattern(PatternOfPath(path));
    EXPECT_TRUE(pattern.Matches(path)) << path;
    EXPECT_FALSE(pattern.Matches("x/" + std::string(path))) << path;
  }
  EXPECT_FALSE(PathPattern(PatternOfPath("a*b")).Matches("axb"));
  EXPECT_FALSE(PathPattern(PatternOfPath("a?")).Matches("ab"));
  EXPECT_FALSE(PathPattern(PatternOfPath("[a]")).Matches("a"));
}

}  // namespace
}  // namespace tapir::cli
