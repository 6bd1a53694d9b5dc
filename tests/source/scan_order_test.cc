#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "tapir/object/path_order.h"
#include "tests/source/tree.h"

namespace tapir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void ExpectPathOrder(const std::vector<SourceItem>& items) {
  for (size_t i = 1; i < items.size(); ++i) {
    ASSERT_LT(ComparePaths(items[i - 1].path, items[i].path), 0)
        << items[i - 1].path << " before " << items[i].path;
    ASSERT_TRUE(CheckPath(items[i].path).ok());
  }
}

TEST(ScanOrder, IsThatOfThePathsByComponents) {
  Tree tree;
  tree.File("a/b");
  tree.File("a/\x01");
  tree.File("a.b");
  tree.File("a-");
  tree.File("a!/c");
  tree.File("\x01z");
  tree.File("\xff\xfe");
  tree.File("new\nline");
  tree.File("B");
  EXPECT_THAT(tree.Paths(tree.Options()),
              ElementsAre(".", "\x01z", "B", "a", "a/\x01", "a/b", "a!", "a!/c", "a-", "a.b",
                          "new\nline", "\xff\xfe"));
  EXPECT_THAT(tree.reporter().Take(), IsEmpty());
}

TEST(ScanOrder, AnEmptyDirectoryIsItself) {
  Tree tree;
  EXPECT_THAT(tree.Paths(tree.Options()), ElementsAre("."));
}

TEST(ScanOrder, EveryNumberOfThreadsYieldsTheSame) {
  Tree tree(MemoryDirectory());
  std::mt19937 random(1);
  std::vector<std::string> directories = {"."};
  for (int i = 0; i < 300; ++i) {
    const std::string parent = directories[random() % directories.size()];
    directories.push_back(parent + "/d" + std::to_string(random() % 1000));
    tree.Directory(directories.back());
  }
  for (int i = 0; i < 2000; ++i) {
    tree.File(directories[random() % directories.size()] + "/f" + std::to_string(i));
  }
  PosixSourceOptions options = tree.Options();
  options.io_threads = 0;
  const std::vector<std::string> expected = tree.Paths(options);
  EXPECT_GT(expected.size(), 2000U);
  for (const unsigned threads : {1U, 2U, 4U, 16U, 64U}) {
    options.io_threads = threads;
    EXPECT_EQ(tree.Paths(options), expected) << threads << " threads";
  }
}

TEST(ScanOrder, ADirectoryOfManyBatchesIsWhole) {
  constexpr int kFiles = 5'000;
  Tree tree(MemoryDirectory());
  tree.Directory("d");
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = "d/" + std::to_string(i);
    if (i % 1'000 == 7) {
      tree.File(name + "/inside");
    } else {
      tree.File(name);
    }
  }
  for (const unsigned threads : {0U, 8U}) {
    PosixSourceOptions options = tree.Options();
    options.io_threads = threads;
    const std::vector<SourceItem> items = tree.Scan(options);
    EXPECT_EQ(items.size(), 2U + kFiles + kFiles / 1'000);
    ExpectPathOrder(items);
  }
}

/// A chain of `levels` directories "d" with a file "e" on each.
class DeepTree {
 public:
  DeepTree(const std::string& top, int levels)
      : top_(::open(top.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    int at = ::dup(top_);
    for (int i = 0; i < levels; ++i) {
      EXPECT_EQ(::mkdirat(at, "d", 0755), 0);
      const int next = ::openat(at, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
      ::close(::openat(next, "e", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
      ::close(at);
      at = next;
    }
    ::close(at);
  }
  /// From the top down, as no path reaches the lower ones.
  ~DeepTree() {
    while (::unlinkat(top_, "d/e", 0) == 0) {
      ::renameat(top_, "d/d", top_, "below");
      ::unlinkat(top_, "d", AT_REMOVEDIR);
      ::renameat(top_, "below", top_, "d");
    }
    ::close(top_);
  }
  DeepTree(const DeepTree&) = delete;
  DeepTree& operator=(const DeepTree&) = delete;

 private:
  int top_;
};

TEST(ScanOrder, DeeperThanPathMaxAndThanDescriptors) {
  constexpr int kLevels = 10'000;
  Tree tree(MemoryDirectory());
  const DeepTree deep(tree.directory(), kLevels);
  for (const unsigned threads : {0U, 4U}) {
    PosixSourceOptions options = tree.Options();
    options.io_threads = threads;
    const std::unique_ptr<PosixSource> source = MustCreate(options);
    size_t found = 0;
    SourceItem last;
    while (std::optional<SourceItem> item = MustNext(*source)) {
      if (++found == kLevels + 1) last = *item;
      if (item->type != ObjectType::kRegular || found % 1'000 != 0) continue;
      Metadata metadata;
      std::vector<std::string> warnings;
      EXPECT_TRUE(item->object->Open(metadata, warnings).ok()) << item->path.size();
      item->object->Close();
    }
    EXPECT_EQ(found, 1U + 2 * kLevels);
    EXPECT_EQ(last.path.size(), 2U * kLevels - 1);
  }
  EXPECT_THAT(tree.reporter().Take(), IsEmpty());
}

TEST(ScanOrder, AGivenPathMayBeLongerThanPathMax) {
  constexpr int kLevels = 3'000;
  Tree tree(MemoryDirectory());
  const DeepTree deep(tree.directory(), kLevels);
  std::string path = "d";
  for (int i = 1; i < kLevels; ++i) path += "/d";
  PosixSourceOptions options = tree.Options();
  options.paths = {path};
  EXPECT_THAT(tree.Paths(options), ElementsAre(path, path + "/e"));
}

TEST(ScanOrder, ItemsSayWhatTheyAre) {
  Tree tree;
  tree.File("file", "12345");
  tree.Directory("dir/sub");
  tree.Symlink("link", "nowhere");
  ASSERT_EQ(::link(tree.At("file").c_str(), tree.At("other").c_str()), 0);
  const std::vector<SourceItem> items = tree.Scan(tree.Options());
  ASSERT_EQ(items.size(), 6U);
  EXPECT_EQ(items[1].type, ObjectType::kDirectory);
  EXPECT_EQ(items[1].link_count, 1U);
  EXPECT_EQ(items[3].path, "file");
  EXPECT_EQ(items[3].type, ObjectType::kRegular);
  EXPECT_EQ(items[3].link_count, 2U);
  EXPECT_EQ(items[3].identity.size, 5U);
  EXPECT_EQ(items[4].type, ObjectType::kSymlink);
  EXPECT_EQ(items[5].identity, items[3].identity);
  EXPECT_NE(items[5].identity.inode, items[4].identity.inode);
}

TEST(ScanOrder, ObjectsOutliveTheirSource) {
  Tree tree;
  tree.File("a/b/c", "text");
  const SourceItem item = tree.Find("a/b/c");
  Metadata metadata;
  std::vector<std::string> warnings;
  ASSERT_TRUE(item.object->Open(metadata, warnings).ok());
  EXPECT_EQ(ReadContents(*item.object, metadata.size), "text");
}

TEST(ScanOrder, MayBeLeftInTheMiddle) {
  Tree tree(MemoryDirectory());
  for (int i = 0; i < 200; ++i) tree.File(std::to_string(i) + "/a/b/c/d");
  for (int i = 0; i < 20; ++i) {
    const std::unique_ptr<PosixSource> source = MustCreate(tree.Options());
    for (int taken = 0; taken < i; ++taken) EXPECT_TRUE(MustNext(*source));
  }
}

}  // namespace
}  // namespace tapir
