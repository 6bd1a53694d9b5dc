#include "source/given_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "tests/source/tree.h"

namespace tapir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(NormalisePath, GivesTheFormOfTheArchive) {
  const struct {
    const char* given;
    const char* path;
    bool from_root;
  } cases[] = {
      {"a", "a", false},
      {"a/b", "a/b", false},
      {"./a", "a", false},
      {"a/./b//c/", "a/b/c", false},
      {".", ".", false},
      {"./.", ".", false},
      {"/", ".", true},
      {"//", ".", true},
      {"/./", ".", true},
      {"/etc", "etc", true},
      {"//a//b", "a/b", true},
      {"..a/.b", "..a/.b", false},
      {"\xff\n", "\xff\n", false},
  };
  for (const auto& c : cases) {
    const Result<source::GivenPath> path = source::NormalisePath(c.given);
    ASSERT_TRUE(path.ok()) << c.given;
    EXPECT_EQ(path->path, c.path);
    EXPECT_EQ(path->from_root, c.from_root) << c.given;
  }
}

TEST(NormalisePath, RefusesWhatCannotBeArchived) {
  for (const std::string& given : {std::string("../a"), std::string("a/.."), std::string("/.."),
                                   std::string(), std::string("a/") + std::string(5'000, 'n')}) {
    EXPECT_EQ(source::NormalisePath(given).status().code(), StatusCode::kInvalidArgument) << given;
  }
  EXPECT_THAT(source::NormalisePath("a/../b").status().message(),
              AllOf(HasSubstr("'a/../b'"), HasSubstr("-C DIR")));
}

class GivenPaths : public testing::Test {
 protected:
  GivenPaths() {
    tree_.File("a/b/c");
    tree_.File("a/b/d");
    tree_.File("a-b");
    tree_.File("z/y");
  }

  std::vector<std::string> Paths(std::vector<std::string> given) {
    PosixSourceOptions options = tree_.Options();
    options.paths = std::move(given);
    return tree_.Paths(options);
  }

  StatusCode CreateCode(std::vector<std::string> given) {
    PosixSourceOptions options = tree_.Options();
    options.paths = std::move(given);
    return PosixSource::Create(options).status().code();
  }

  Tree tree_{MemoryDirectory()};
};

TEST_F(GivenPaths, AreSortedAndMerged) {
  EXPECT_THAT(Paths({"z", "a/b/d", "a-b", "a/b", "z/", "./z"}),
              ElementsAre("a/b", "a/b/c", "a/b/d", "a-b", "z", "z/y"));
  EXPECT_THAT(Paths({"a/b/c", "a"}), ElementsAre("a", "a/b", "a/b/c", "a/b/d"));
  EXPECT_THAT(Paths({"z/y", "."}),
              ElementsAre(".", "a", "a/b", "a/b/c", "a/b/d", "a-b", "z", "z/y"));
  EXPECT_THAT(Paths({}), IsEmpty());
  EXPECT_THAT(tree_.reporter().Take(), IsEmpty());
}

TEST_F(GivenPaths, WithoutRecursionEachIsItself) {
  PosixSourceOptions options = tree_.Options();
  options.recursive = false;
  options.paths = {"a", "a/b/c", "a/b/c", "."};
  EXPECT_THAT(tree_.Paths(options), ElementsAre(".", "a", "a/b/c"));
}

TEST_F(GivenPaths, ThatDoNotExistAreWarnings) {
  EXPECT_THAT(Paths({"a/x", "nowhere/x", "z", "z/gone", "a-b/below"}), ElementsAre("z", "z/y"));
  EXPECT_THAT(tree_.reporter().Take(),
              ElementsAre("warning a/x: cannot be found, left out: No such file or directory",
                          "warning a-b/below: cannot be found, left out: Not a directory",
                          "warning nowhere/x: cannot be found, left out: No such file or directory",
                          "warning z/gone: cannot be found, left out: No such file or directory"));
}

TEST_F(GivenPaths, FollowLinksOnTheWayButNotAtTheEnd) {
  tree_.Symlink("link", "a");
  EXPECT_THAT(Paths({"link"}), ElementsAre("link"));
  EXPECT_THAT(Paths({"link/"}), ElementsAre("link"));
  EXPECT_THAT(Paths({"link/b"}), ElementsAre("link/b", "link/b/c", "link/b/d"));
  EXPECT_THAT(tree_.reporter().Take(), IsEmpty());
}

TEST_F(GivenPaths, BelowOneReachedThroughALinkAreMerged) {
  tree_.Symlink("link", "a");
  EXPECT_THAT(Paths({"link/b/c", "link/b"}), ElementsAre("link/b", "link/b/c", "link/b/d"));
  EXPECT_THAT(tree_.reporter().Take(), IsEmpty());
}

TEST_F(GivenPaths, BelowALinkThatIsArchivedAsOneAreNamed) {
  tree_.Symlink("link", "a");
  EXPECT_THAT(Paths({"link", "link/b"}), ElementsAre("link"));
  EXPECT_THAT(tree_.reporter().Take(),
              ElementsAre("warning link/b: cannot be found, left out: Not a directory"));
}

TEST_F(GivenPaths, WithALeadingSlashComeFromTheRoot) {
  const std::string inside = tree_.directory().substr(1);
  EXPECT_THAT(Paths({tree_.At("z"), tree_.At("a-b")}),
              ElementsAre(inside + "/a-b", inside + "/z", inside + "/z/y"));
  EXPECT_THAT(tree_.reporter().Take(),
              ElementsAre("note : leading '/' removed from names in the archive"));
}

TEST_F(GivenPaths, OfTwoPlacesMustNotMeet) {
  EXPECT_EQ(CreateCode({"/etc", "etc"}), StatusCode::kInvalidArgument);
  EXPECT_EQ(CreateCode({"/", "a"}), StatusCode::kInvalidArgument);
  EXPECT_EQ(CreateCode({".", "/a"}), StatusCode::kInvalidArgument);
  EXPECT_EQ(CreateCode({"/etc/passwd", "etc"}), StatusCode::kInvalidArgument);
  EXPECT_EQ(CreateCode({"/nowhere", "a"}), StatusCode::kOk);
  PosixSourceOptions at_root = tree_.Options();
  at_root.base_directory = "/";
  at_root.paths = {"/etc/passwd", "etc/passwd"};
  EXPECT_THAT(tree_.Paths(at_root), ElementsAre("etc/passwd"));
}

TEST_F(GivenPaths, ManyAreLookedAtInOrder) {
  std::vector<std::string> given;
  for (int i = 0; i < 1'000; ++i) {
    given.push_back("m/" + std::to_string(i) + "/f");
    tree_.File(given.back());
  }
  std::vector<std::string> expected = given;
  std::sort(expected.begin(), expected.end());
  PosixSourceOptions options = tree_.Options();
  options.paths = given;
  std::vector<std::string> paths = tree_.Paths(options);
  EXPECT_EQ(paths.size(), given.size());
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(paths, expected);
}

TEST_F(GivenPaths, BaseMustBeADirectory) {
  PosixSourceOptions options = tree_.Options();
  options.base_directory = tree_.At("nowhere");
  const Status status = PosixSource::Create(options).status();
  EXPECT_EQ(status.code(), StatusCode::kDeviceError);
  EXPECT_EQ(status.message(),
            "cannot open '" + tree_.At("nowhere") + "': No such file or directory");
  options.base_directory = tree_.At("a-b");
  EXPECT_EQ(PosixSource::Create(options).status().sys_errno(), ENOTDIR);
}

}  // namespace
}  // namespace tapir
