#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/compare_job.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

/// A tree, a volume with it, and what differs.
class CompareTest : public testing::Test {
 protected:
  std::string Live(std::string_view path) const { return scratch_.At("tree/" + std::string(path)); }
  void Put(std::string_view path, std::string_view contents) {
    scratch_.Put("tree/" + std::string(path), contents);
  }
  /// Gives a file or directory a time that archiving does not touch.
  void SetTime(std::string_view path, int64_t seconds = 1'500'000'000) {
    timespec times[2] = {{seconds, 7}, {seconds, 7}};
    ASSERT_EQ(utimensat(AT_FDCWD, Live(path).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }

  void ArchiveTree() {
    ArchiveRequest request;
    request.volume = scratch_.At("volume");
    request.source.base_directory = scratch_.At("tree");
    request.source.paths = {"."};
    request.session.reporter = &reporter_;
    request.session.with_sha256 = with_sha256_;
    Check(Archive(request).status());
  }

  Result<CompareReport> TryCompare(const Selection& selection = {}) {
    lines_.clear();
    CompareRequest request;
    request.volume = scratch_.At("volume");
    request.selection = selection;
    request.threads = threads_;
    request.reporter = &reporter_;
    request.progress = &progress_;
    request.cancelled = &cancelled_;
    return CompareWithDirectory(request, scratch_.At("tree"), [this](const Difference& difference) {
      lines_.push_back(std::string(DifferenceKindName(difference.kind)) + " " + difference.path +
                       ": " + difference.text);
    });
  }
  /// "kind path: text" for each difference.
  Lines Compare(const Selection& selection = {}) {
    report_ = Value(TryCompare(selection));
    EXPECT_EQ(report_.differences, lines_.size());
    return lines_;
  }

  Scratch scratch_;
  CollectingReporter reporter_;
  Progress progress_;
  std::atomic<bool> cancelled_ = false;
  unsigned threads_ = 2;
  bool with_sha256_ = false;
  CompareReport report_;
  Lines lines_;
};

TEST_F(CompareTest, AnUntouchedTreeIsEqual) {
  Put("a", "one");
  Put("dir/sub/b", RandomBytes(3'000'000, 1));
  Put("dir/copy", RandomBytes(3'000'000, 1));
  Put("empty", "");
  fs::create_symlink("dir/sub", Live("link"));
  fs::create_hard_link(Live("a"), Live("z"));
  ASSERT_EQ(mkfifo(Live("fifo").c_str(), 0600), 0);
  for (bool sha256 : {false, true}) {
    with_sha256_ = sha256;
    ArchiveTree();
    for (unsigned threads : {1u, 2u, 5u}) {
      threads_ = threads;
      EXPECT_EQ(Compare(), Lines{});
      EXPECT_EQ(report_.compared, 10u);
      EXPECT_EQ(report_.equal, 10u);
      EXPECT_EQ(report_.damages, 0u);
    }
  }
  EXPECT_EQ(progress_.content_bytes, progress_.expected_bytes * 6);
  EXPECT_TRUE(reporter_.notices().empty());
}

TEST_F(CompareTest, EachKindOfDifferenceIsNamed) {
  for (const char* name : {"content", "gone", "mode", "size", "time", "type"}) Put(name, "12345");
  for (const char* name : {"content", "mode", "size", "time"}) SetTime(name);
  ASSERT_EQ(chmod(Live("mode").c_str(), 0644), 0);
  fs::create_symlink("here", Live("link"));
  SetTime("link");
  SetTime("");
  ArchiveTree();
  Put("content", "54321");
  Put("size", "1234567");
  for (const char* name : {"content", "size"}) SetTime(name);
  fs::remove(Live("gone"));
  ASSERT_EQ(chmod(Live("mode").c_str(), 0600), 0);
  SetTime("time", 1'600'000'000);
  fs::remove(Live("type"));
  fs::create_directory(Live("type"));
  fs::remove(Live("link"));
  fs::create_symlink("there", Live("link"));
  SetTime("link");
  SetTime("");
  EXPECT_EQ(Compare(), (Lines{
                           "content content: the contents are others now",
                           "missing gone: is not there any more",
                           "target link: target 'here' is 'there' now",
                           "mode mode: mode 0644 is 0600 now",
                           "size size: size 5 is 7 now",
                           "mtime time: mtime 2017-07-14T02:40:00.000000007Z is "
                           "2020-09-13T12:26:40.000000007Z now",
                           "type type: was a regular file and is a directory now",
                       }));
  EXPECT_EQ(report_.compared, 8u);
  EXPECT_EQ(report_.equal, 1u);
}

TEST_F(CompareTest, OwnersAreComparedByNumber) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  Put("a", "one");
  ASSERT_EQ(chown(Live("a").c_str(), 12345, 0), 0);
  ArchiveTree();
  ASSERT_EQ(chown(Live("a").c_str(), 12345, 54321), 0);
  EXPECT_EQ(Compare(), Lines{"owner a: owner 12345:0 (root) is 12345:54321 now"});
}

TEST_F(CompareTest, ExtendedAttributes) {
  Put("a", "one");
  auto set = [&](const char* name, const char* value) {
    return setxattr(Live("a").c_str(), name, value, 1, 0);
  };
  if (set("user.changed", "1") != 0) GTEST_SKIP() << "no extended attributes here";
  ASSERT_EQ(set("user.gone", "1"), 0);
  ASSERT_EQ(set("user.same", "1"), 0);
  ArchiveTree();
  ASSERT_EQ(set("user.changed", "2"), 0);
  ASSERT_EQ(set("user.added", "1"), 0);
  ASSERT_EQ(removexattr(Live("a").c_str(), "user.gone"), 0);
  EXPECT_EQ(Compare(), (Lines{"xattr a: xattr user.added is new",
                              "xattr a: xattr user.changed has another value",
                              "xattr a: xattr user.gone is gone"}));
}

TEST_F(CompareTest, HardLinksAreTheSameFile) {
  Put("a", "one");
  SetTime("a");
  fs::create_hard_link(Live("a"), Live("b"));
  SetTime("");
  ArchiveTree();
  fs::remove(Live("b"));
  Put("b", "one");
  SetTime("b");
  SetTime("");
  EXPECT_EQ(Compare(), Lines{"hard link b: is not the same file as 'a' any more"});
  Put("b", "two");
  SetTime("b");
  EXPECT_EQ(Compare(), (Lines{"hard link b: is not the same file as 'a' any more",
                              "content b: the contents are others now"}));
  // Alone, only what it holds counts.
  EXPECT_EQ(Compare({.patterns = {"b"}}), Lines{"content b: the contents are others now"});
  Put("b", "one");
  SetTime("b");
  EXPECT_EQ(Compare({.patterns = {"b"}}), Lines{});
  EXPECT_EQ(report_.compared, 1u);
}

TEST_F(CompareTest, SymbolicLinksOnTheWayAreNotFollowed) {
  Put("dir/a", "one");
  ArchiveTree();
  fs::rename(Live("dir"), scratch_.At("elsewhere"));
  fs::create_directory_symlink(scratch_.At("elsewhere"), Live("dir"));
  Compare({.patterns = {"dir"}});
  EXPECT_EQ(lines_, (Lines{"type dir: was a directory and is a symbolic link now",
                           "missing dir/a: is not there any more"}));
}

void MakeSparse(const std::string& path, uint64_t size, std::vector<uint64_t> data_at) {
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(ftruncate(fd, static_cast<off_t>(size)), 0);
  for (uint64_t at : data_at) ASSERT_EQ(pwrite(fd, "data", 4, static_cast<off_t>(at)), 4);
  close(fd);
}

TEST_F(CompareTest, WhereHolesLieMakesNoDifference) {
  for (uint64_t size : {uint64_t{50} << 20, uint64_t{3} << 30}) {
    fs::create_directories(Live(""));
    MakeSparse(Live("sparse"), size, {4096, size / 2});
    SetTime("sparse");
    ArchiveTree();
    EXPECT_EQ(Compare({.patterns = {"sparse"}}), Lines{}) << size;
    // Zeros written into a hole are the same contents.
    int fd = open(Live("sparse").c_str(), O_RDWR | O_CLOEXEC);
    std::string zeros(1 << 20, '\0');
    ASSERT_EQ(pwrite(fd, zeros.data(), zeros.size(), 8 << 20), 1 << 20);
    SetTime("sparse");
    EXPECT_EQ(Compare({.patterns = {"sparse"}}), Lines{}) << size;
    ASSERT_EQ(pwrite(fd, "x", 1, (8 << 20) + 5), 1);
    SetTime("sparse");
    EXPECT_EQ(Compare({.patterns = {"sparse"}}),
              Lines{"content sparse: the contents are others now"})
        << size;
    close(fd);
    fs::remove(Live("sparse"));
  }
}

TEST_F(CompareTest, SparseDuplicatesAndLinksToThem) {
  fs::create_directories(Live(""));
  MakeSparse(Live("a"), uint64_t{2} << 30, {1 << 20});
  MakeSparse(Live("b"), uint64_t{2} << 30, {1 << 20});
  fs::create_hard_link(Live("b"), Live("c"));
  ArchiveTree();
  EXPECT_EQ(Compare(), Lines{});
  EXPECT_EQ(Compare({.patterns = {"c"}}), Lines{});
  EXPECT_EQ(report_.equal, 1u);
}

TEST_F(CompareTest, OnlyTheNewestStateIsCompared) {
  Put("a", "one");
  Put("dir/b", "two");
  ArchiveTree();
  Put("a", "newer");
  fs::remove_all(Live("dir"));
  Put("dir", "a file now");
  ArchiveTree();
  EXPECT_EQ(Compare(), Lines{});
  EXPECT_EQ(report_.compared, 3u);
  Selection first{.sessions = SessionChoice::kNumber, .session_number = 1};
  first.patterns = {"dir", "nothing"};
  EXPECT_EQ(Compare(first), (Lines{"type dir: was a directory and is a regular file now",
                                   "missing dir/b: is not there any more"}));
  EXPECT_EQ(reporter_.CountOf("nothing"), 1u);
}

TEST_F(CompareTest, ObjectsThatCannotBeReadFromTheVolumeAreCounted) {
  VolumeBuilder volume;
  Check(volume.Add({File("a", RandomBytes(5'000'000, 1)), File("b", "two"), Directory("dir")})
            .status());
  std::vector<std::byte> damaged = BytesOf(volume.device());
  // Contents of the first file.
  Flip(damaged, PlaceOfBlock(damaged, BlockType::kData, 20) + 8000);
  scratch_.Put("volume", damaged);
  fs::create_directories(Live("dir"));
  Put("a", RandomBytes(5'000'000, 1));
  Put("b", "two");
  Compare();
  EXPECT_EQ(report_.damages, 1u);
  EXPECT_EQ(report_.compared, 2u);
  EXPECT_EQ(reporter_.CountOf("a"), 1u);
}

TEST_F(CompareTest, WhatCouldNotBeReadWhenArchivedIsSaidAndLeftOut) {
  VolumeBuilder volume;
  MemoryObject bad = File("a", "one");
  bad.open_failure = DeviceError("no");
  Check(volume.Add({bad}).status());
  scratch_.Put("volume", BytesOf(volume.device()));
  Put("a", "one");
  EXPECT_EQ(Compare(), Lines{});
  EXPECT_EQ(report_.compared, 0u);
  EXPECT_EQ(reporter_.CountOf("a"), 1u);
}

TEST_F(CompareTest, ManyObjectsInOrderWhateverTheThreads) {
  for (int i = 0; i < 2000; ++i) Put(std::to_string(i % 7) + "/" + std::to_string(i), "one");
  ArchiveTree();
  for (int i = 0; i < 2000; i += 3) Put(std::to_string(i % 7) + "/" + std::to_string(i), "three");
  threads_ = 1;
  Lines serial = Compare();
  EXPECT_GT(serial.size(), 600u);
  threads_ = 4;
  EXPECT_EQ(Compare(), serial);
}

TEST_F(CompareTest, FailuresToBegin) {
  Put("a", "one");
  ArchiveTree();
  cancelled_ = true;
  EXPECT_THAT(TryCompare(), HasCode(StatusCode::kCancelled));
  cancelled_ = false;
  EXPECT_THAT(TryCompare({.sessions = SessionChoice::kNumber, .session_number = 5}),
              HasCode(StatusCode::kNotFound));
  fs::remove_all(Live(""));
  EXPECT_THAT(TryCompare(), HasCode(StatusCode::kDeviceError));
}

}  // namespace
}  // namespace tapir::test
