#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tapir/object/path_order.h"
#include "tests/source/tree.h"

namespace tapir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SourceTrouble, AVanishedDirectoryIsNamed) {
  Tree tree;
  tree.File("a/file");
  tree.File("b");
  PosixSourceOptions options = tree.Options();
  options.io_threads = 0;
  const std::unique_ptr<PosixSource> source = MustCreate(options);
  EXPECT_EQ(MustNext(*source)->path, ".");
  EXPECT_EQ(MustNext(*source)->path, "a");
  tree.Remove("a");
  EXPECT_EQ(MustNext(*source)->path, "b");
  EXPECT_FALSE(MustNext(*source));
  EXPECT_THAT(tree.reporter().Take(), ElementsAre("warning a: vanished before it could be listed"));
}

TEST(SourceTrouble, ADirectoryReplacedByALinkIsNotFollowed) {
  Tree tree;
  tree.File("a/file");
  tree.File("elsewhere/secret");
  PosixSourceOptions options = tree.Options();
  options.io_threads = 0;
  const std::unique_ptr<PosixSource> source = MustCreate(options);
  EXPECT_EQ(MustNext(*source)->path, ".");
  EXPECT_EQ(MustNext(*source)->path, "a");
  tree.Remove("a");
  tree.Symlink("a", "elsewhere");
  EXPECT_EQ(MustNext(*source)->path, "elsewhere");
  EXPECT_THAT(tree.reporter().Take(),
              ElementsAre("warning a: was replaced by something else before it could be listed"));
}

TEST(SourceTrouble, ATreeThatChangesAllTheTimeIsScannedInOrder) {
  Tree tree(MemoryDirectory());
  std::atomic<bool> stop = false;
  std::jthread changer([&] {
    for (unsigned i = 0; !stop; ++i) {
      const std::string directory = tree.At("d" + std::to_string(i % 7));
      std::error_code ignored;
      std::filesystem::create_directories(directory + "/sub/" + std::to_string(i % 50), ignored);
      if (i % 11 == 0) std::filesystem::remove_all(directory, ignored);
    }
  });
  for (int round = 0; round < 30; ++round) {
    const std::unique_ptr<PosixSource> source = MustCreate(tree.Options());
    std::string last;
    while (const std::optional<SourceItem> item = MustNext(*source)) {
      EXPECT_TRUE(last.empty() || ComparePaths(last, item->path) < 0) << last;
      last = item->path;
      Metadata metadata;
      std::vector<std::string> warnings;
      const Status status = item->object->Open(metadata, warnings);
      EXPECT_TRUE(status.ok() || status.code() == StatusCode::kNotFound) << status.ToString();
      item->object->Close();
    }
  }
  stop = true;
}

/// A child cannot fail the test; it says what is wrong on standard error.
bool Expect(bool good, const char* what) {
  if (!good) std::fprintf(stderr, "in the child: %s\n", what);
  return good;
}

TEST(SourceTrouble, WhatMayNotBeReadIsNamedAndItsMetadataKept) {
  if (!IsRoot()) GTEST_SKIP() << "only root can become somebody else";
  Tree tree;
  tree.File("closed/file");
  tree.File("file", "secret");
  tree.File("listed-only/file");
  ASSERT_EQ(::chmod(tree.At("closed").c_str(), 0711), 0);
  ASSERT_EQ(::chmod(tree.At("file").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(tree.At("listed-only").c_str(), 0744), 0);
  EXPECT_TRUE(RunAsNobody([&] {
    const std::vector<SourceItem> items = tree.Scan(tree.Options());
    if (!Expect(items.size() == 4, "number of objects")) return false;
    std::vector<std::string> warnings;
    Metadata closed;
    Metadata file;
    const Status status = items[2].object->Open(file, warnings);
    const bool objects = Expect(items[1].object->Open(closed, warnings).ok(), "closed opens") &&
                         Expect(closed.mode == 0711, "mode of closed") &&
                         Expect(status.code() == StatusCode::kDeviceError, "code") &&
                         Expect(status.sys_errno() == EACCES, "errno") &&
                         Expect(file.mode == 0600 && file.size == 6, "metadata of file");
    const std::vector<std::string> expected = {
        "warning closed: cannot list its entries, they are left out: Permission denied",
        "warning listed-only/file: cannot read its state, left out: Permission denied"};
    return objects && Expect(warnings.empty(), "warnings") &&
           Expect(tree.reporter().Take() == expected, "reports");
  }));
}

TEST(SourceTrouble, AGivenPathMayLeadThroughAClosedDirectory) {
  if (!IsRoot()) GTEST_SKIP() << "only root can become somebody else";
  Tree tree;
  tree.File("closed/open/file", "text");
  ASSERT_EQ(::chmod(tree.At("closed").c_str(), 0711), 0);
  EXPECT_TRUE(RunAsNobody([&] {
    PosixSourceOptions options = tree.Options();
    options.paths = {"closed/open"};
    const std::vector<SourceItem> items = tree.Scan(options);
    Metadata metadata;
    std::vector<std::string> warnings;
    return Expect(items.size() == 2, "number of objects") &&
           Expect(items[1].object->Open(metadata, warnings).ok(), "opens though not the owner") &&
           Expect(ReadContents(*items[1].object, 4) == "text", "contents");
  }));
}

TEST(SourceTrouble, FewDescriptorsAreEnough) {
  Tree tree(MemoryDirectory());
  std::string path;
  for (int i = 0; i < 60; ++i) {
    path += path.empty() ? "d" : "/d";
    for (int j = 0; j < 5; ++j) tree.File(path + "/e" + std::to_string(j) + "/f");
  }
  EXPECT_TRUE(RunInChild([&] {
    // Less than the source would like to hold open.
    const rlimit few{18, 18};
    if (!Expect(::setrlimit(RLIMIT_NOFILE, &few) == 0, "setrlimit")) return false;
    size_t opened = 0;
    for (const SourceItem& item : tree.Scan(tree.Options())) {
      Metadata metadata;
      std::vector<std::string> warnings;
      if (!Expect(item.object->Open(metadata, warnings).ok(), item.path.c_str())) return false;
      item.object->Close();
      ++opened;
    }
    return Expect(opened == 1 + 60 * 11, "number of objects") &&
           Expect(tree.reporter().Take().empty(), "reports");
  }));
}

TEST(SourceTrouble, TheDescriptorLimitIsRaised) {
  Tree tree;
  EXPECT_TRUE(RunInChild([&] {
    rlimit limit;
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    limit.rlim_cur = 32;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    tree.Scan(tree.Options());
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == limit.rlim_max;
  }));
}

}  // namespace
}  // namespace tapir
