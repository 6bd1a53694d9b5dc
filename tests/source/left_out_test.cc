#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <string>
#include <vector>

#include "tests/source/tree.h"

namespace tapir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kTag[] = "Signature: 8a477f597d28d172789f06886806bc55";

class LeftOut : public testing::Test {
 protected:
  /// What is archived, and how much is counted as left out.
  std::vector<std::string> Paths(const PosixSourceOptions& options) {
    const std::unique_ptr<PosixSource> source = MustCreate(options);
    std::vector<std::string> paths;
    while (const std::optional<SourceItem> item = MustNext(*source)) paths.push_back(item->path);
    left_out_count_ = source->left_out_count();
    return paths;
  }

  std::vector<std::string> WithExcludes(std::vector<std::string> excludes) {
    PosixSourceOptions options = tree_.Options();
    options.excludes = std::move(excludes);
    return Paths(options);
  }

  Tree tree_;
  uint64_t left_out_count_ = 0;
};

TEST_F(LeftOut, ByExcludes) {
  tree_.File("a/b/c.o");
  tree_.File("a/b/d.c");
  tree_.File("b/c.o");
  tree_.File("c.o/x");
  EXPECT_THAT(WithExcludes({"*.o"}), ElementsAre(".", "a", "a/b", "a/b/d.c", "b"));
  EXPECT_EQ(left_out_count_, 3U);
  EXPECT_THAT(WithExcludes({"b"}), ElementsAre(".", "a", "c.o", "c.o/x"));
  EXPECT_EQ(left_out_count_, 2U);
  EXPECT_THAT(WithExcludes({"/b", "a/b/*"}), ElementsAre(".", "a", "a/b", "c.o", "c.o/x"));
  EXPECT_THAT(WithExcludes({"b/c.o"}),
              ElementsAre(".", "a", "a/b", "a/b/d.c", "b", "c.o", "c.o/x"));
  EXPECT_THAT(WithExcludes({"*"}), ElementsAre("."));
  EXPECT_THAT(WithExcludes({"nothing"}).size(), 9U);
  EXPECT_EQ(left_out_count_, 0U);
  EXPECT_THAT(tree_.reporter().Take(), IsEmpty());
}

TEST_F(LeftOut, ByExcludesThoughGiven) {
  tree_.File("a/b/c");
  tree_.File("d");
  PosixSourceOptions options = tree_.Options();
  options.paths = {"a/b/c", "d", "a/b/missing"};
  options.excludes = {"b"};
  EXPECT_THAT(Paths(options), ElementsAre("d"));
  EXPECT_EQ(left_out_count_, 2U);
  EXPECT_THAT(tree_.reporter().Take(), IsEmpty());
}

TEST_F(LeftOut, TheContentsOfTaggedCaches) {
  tree_.File("cache/CACHEDIR.TAG", std::string(kTag) + "\n# made by a test\n");
  tree_.File("cache/big");
  tree_.File("cache/sub/big");
  tree_.File("false/CACHEDIR.TAG", std::string(kTag, sizeof kTag - 2));
  tree_.File("false/kept");
  tree_.File("linked/kept");
  tree_.Symlink("linked/CACHEDIR.TAG", "../cache/CACHEDIR.TAG");
  tree_.Fifo("tag");
  tree_.File("waits/kept");
  tree_.Fifo("waits/CACHEDIR.TAG");
  PosixSourceOptions options = tree_.Options();
  EXPECT_EQ(Paths(options).size(), 16U);
  options.exclude_caches = true;
  EXPECT_THAT(Paths(options),
              ElementsAre(".", "cache", "cache/CACHEDIR.TAG", "false", "false/CACHEDIR.TAG",
                          "false/kept", "linked", "linked/CACHEDIR.TAG", "linked/kept", "tag",
                          "waits", "waits/CACHEDIR.TAG", "waits/kept"));
  EXPECT_EQ(left_out_count_, 2U);
  EXPECT_THAT(tree_.reporter().Take(), IsEmpty());
}

TEST_F(LeftOut, SocketsWithAWord) {
  tree_.Socket("s");
  tree_.File("t");
  EXPECT_THAT(Paths(tree_.Options()), ElementsAre(".", "t"));
  EXPECT_THAT(tree_.reporter().Take(), ElementsAre("note s: is a socket; left out"));
}

TEST_F(LeftOut, TheVolumeByItsIdentity) {
  tree_.File("a/volume");
  tree_.File("b");
  const SourceIdentity volume = tree_.Find("a/volume").identity;
  PosixSourceOptions options = tree_.Options();
  options.left_out = {{volume.device, volume.inode, "the volume being written"}};
  EXPECT_THAT(Paths(options), ElementsAre(".", "a", "b"));
  EXPECT_THAT(tree_.reporter().Take(),
              ElementsAre("note a/volume: is the volume being written; left out"));
  options.paths = {"a/volume"};
  EXPECT_THAT(Paths(options), IsEmpty());
  EXPECT_THAT(tree_.reporter().Take(),
              ElementsAre("note a/volume: is the volume being written; left out"));
}

TEST_F(LeftOut, OtherFileSystemsOnRequest) {
  tree_.File("a/below");
  tree_.Directory("m/inner");
  if (::mount("tapir-test", tree_.At("m").c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "mounting is not allowed here";
  }
  tree_.File("m/file");
  PosixSourceOptions options = tree_.Options();
  EXPECT_THAT(Paths(options), ElementsAre(".", "a", "a/below", "m", "m/file"));
  options.one_file_system = true;
  EXPECT_THAT(Paths(options), ElementsAre(".", "a", "a/below", "m"));
  EXPECT_EQ(left_out_count_, 1U);
  // Given by name it is wanted.
  options.paths = {"m"};
  EXPECT_THAT(Paths(options), ElementsAre("m", "m/file"));
  options.paths = {".", "m"};
  EXPECT_THAT(Paths(options), ElementsAre(".", "a", "a/below", "m", "m/file"));
  options.paths = {".", "m/file"};
  EXPECT_THAT(Paths(options), ElementsAre(".", "a", "a/below", "m"));
  EXPECT_THAT(tree_.reporter().Take(),
              ElementsAre("warning m/file: is on another file system than a path given above it; "
                          "left out, archive it in a run of its own"));
  EXPECT_EQ(::umount(tree_.At("m").c_str()), 0);
}

}  // namespace
}  // namespace tapir
