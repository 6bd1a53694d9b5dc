#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/source/tree.h"

namespace tapir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kTiB = uint64_t{1} << 40;

class ObjectContents : public testing::Test {
 protected:
  std::shared_ptr<SourceObject> Open(const std::string& path) {
    std::shared_ptr<SourceObject> object = tree_.Find(path).object;
    const Status status = object->Open(metadata_, warnings_);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return object;
  }

  void Append(const std::string& path, const std::string& more) {
    std::ofstream(tree_.At(path), std::ios::app) << more;
  }

  void WriteAt(const std::string& path, uint64_t offset_bytes, const std::string& data) {
    const int fd = ::open(tree_.At(path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    EXPECT_EQ(::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset_bytes)),
              static_cast<ssize_t>(data.size()));
    ::close(fd);
  }

  std::vector<Extent> Extents(SourceObject& object, uint64_t size_bytes) {
    Result<std::vector<Extent>> extents = object.Extents(size_bytes);
    EXPECT_TRUE(extents.ok()) << extents.status().ToString();
    return *std::move(extents);
  }

  Tree tree_;
  Metadata metadata_;
  std::vector<std::string> warnings_;
};

TEST_F(ObjectContents, AreReadAtAnyOffset) {
  tree_.File("file", "0123456789");
  const std::shared_ptr<SourceObject> object = Open("file");
  std::byte buffer[4];
  EXPECT_EQ(*object->ReadAt(0, buffer), 4U);
  EXPECT_EQ(*object->ReadAt(8, buffer), 2U);
  EXPECT_EQ(static_cast<char>(buffer[1]), '9');
  EXPECT_EQ(*object->ReadAt(10, buffer), 0U);
  EXPECT_EQ(*object->ReadAt(kTiB, buffer), 0U);
  EXPECT_EQ(object->Close(), ObjectStatus::kOk);
}

TEST_F(ObjectContents, AreReadByManyThreadsAtOnce) {
  const std::string contents(1 << 20, 'c');
  tree_.File("file", contents);
  const std::shared_ptr<SourceObject> object = Open("file");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(ReadContents(*object, 1 << 20), contents); });
  }
}

TEST_F(ObjectContents, WithoutHolesAreOneExtent) {
  tree_.File("file", "contents");
  tree_.File("empty");
  EXPECT_FALSE(tree_.Find("file").may_have_holes);
  const std::shared_ptr<SourceObject> object = Open("file");
  EXPECT_THAT(Extents(*object, 8), ElementsAre(Extent{0, 8}));
  EXPECT_THAT(Extents(*object, 3), ElementsAre(Extent{0, 3}));
  EXPECT_THAT(Extents(*Open("empty"), 0), IsEmpty());
}

TEST_F(ObjectContents, OfAHoleOfATebibyteCostNothing) {
  WriteAt("sparse", 0, "begin");
  WriteAt("sparse", kTiB, "end");
  EXPECT_TRUE(tree_.Find("sparse").may_have_holes);
  const std::shared_ptr<SourceObject> object = Open("sparse");
  EXPECT_EQ(metadata_.size, kTiB + 3);
  const std::vector<Extent> extents = Extents(*object, metadata_.size);
  ASSERT_EQ(extents.size(), 2U);
  EXPECT_EQ(extents[0].offset_bytes, 0U);
  EXPECT_GE(extents[0].length_bytes, 5U);
  EXPECT_EQ(extents[1], (Extent{kTiB, 3}));
  EXPECT_THAT(Extents(*object, 2), ElementsAre(Extent{0, 2}));
}

TEST_F(ObjectContents, OfOnlyAHoleHaveNoExtents) {
  tree_.File("hole");
  ASSERT_EQ(::truncate(tree_.At("hole").c_str(), kTiB), 0);
  EXPECT_THAT(Extents(*Open("hole"), kTiB), IsEmpty());
}

TEST_F(ObjectContents, ThatGrowAreReadToTheOldEndAndChanged) {
  tree_.File("file", "old");
  const std::shared_ptr<SourceObject> object = Open("file");
  Append("file", "new");
  EXPECT_EQ(ReadContents(*object, 100), "old");
  EXPECT_EQ(object->Close(), ObjectStatus::kChanged);
}

TEST_F(ObjectContents, WrittenToInPlaceAreChanged) {
  tree_.File("file", "old");
  const std::shared_ptr<SourceObject> object = Open("file");
  WriteAt("file", 0, "new");
  // The clock of the file system is coarse: the change may carry the time of the creation.
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 7, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, tree_.At("file").c_str(), times, 0), 0);
  EXPECT_EQ(object->Close(), ObjectStatus::kChanged);
}

TEST_F(ObjectContents, ThatShrinkAreShort) {
  tree_.File("file", "contents");
  const std::shared_ptr<SourceObject> object = Open("file");
  ASSERT_EQ(::truncate(tree_.At("file").c_str(), 3), 0);
  EXPECT_EQ(ReadContents(*object, 8), "con");
  EXPECT_EQ(object->Close(), ObjectStatus::kShort);
}

TEST_F(ObjectContents, ThatWereShortForAMomentAreShort) {
  tree_.File("file", "contents");
  const std::shared_ptr<SourceObject> object = Open("file");
  ASSERT_EQ(::truncate(tree_.At("file").c_str(), 3), 0);
  EXPECT_EQ(ReadContents(*object, 8), "con");
  ASSERT_EQ(::truncate(tree_.At("file").c_str(), 8), 0);
  EXPECT_EQ(object->Close(), ObjectStatus::kShort);
}

TEST_F(ObjectContents, OfAFileThatIsGoneAreNotFound) {
  tree_.File("dir/file");
  const SourceItem item = tree_.Find("dir/file");
  tree_.Remove("dir/file");
  Status status = item.object->Open(metadata_, warnings_);
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "vanished before it could be read");
  tree_.Remove("dir");
  status = item.object->Open(metadata_, warnings_);
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(item.object->Close(), ObjectStatus::kOk);
}

TEST_F(ObjectContents, OfAFileThatWasReplacedAreNotFound) {
  const std::vector<std::function<void()>> replacements = {
      [&] { tree_.Directory("file"); },
      [&] { tree_.Symlink("file", "other"); },
      [&] { tree_.Fifo("file"); },
      [&] { tree_.Socket("file"); },
      [&] { std::filesystem::rename(tree_.At("spare"), tree_.At("file")); },
  };
  tree_.File("other", "must not be read");
  for (const auto& replace : replacements) {
    tree_.File("file", "contents");
    tree_.File("spare", "another");
    const SourceItem item = tree_.Find("file");
    tree_.Remove("file");
    replace();
    const Status status = item.object->Open(metadata_, warnings_);
    EXPECT_EQ(status.code(), StatusCode::kNotFound);
    EXPECT_EQ(status.message(), "was replaced by something else while it was archived");
    tree_.Remove("file");
  }
}

TEST_F(ObjectContents, OfAPseudoFileAreAsLongAsItSays) {
  PosixSourceOptions options = tree_.Options();
  options.paths = {"/proc/version"};
  const std::vector<SourceItem> items = tree_.Scan(options);
  if (items.empty()) GTEST_SKIP() << "no /proc here";
  ASSERT_TRUE(items[0].object->Open(metadata_, warnings_).ok());
  EXPECT_EQ(metadata_.size, 0U);
  EXPECT_EQ(ReadContents(*items[0].object, 100), "");
  EXPECT_THAT(Extents(*items[0].object, 0), IsEmpty());
  EXPECT_EQ(items[0].object->Close(), ObjectStatus::kOk);
}

TEST_F(ObjectContents, AreReopenedOnlyUnchanged) {
  tree_.File("a/file", "contents");
  tree_.Symlink("link", "a");
  const std::unique_ptr<PosixSource> source = MustCreate(tree_.Options());
  SourceItem item;
  while (item.path != "a/file") item = *MustNext(*source);

  Result<std::shared_ptr<SourceObject>> again = source->Reopen("a/file", item.identity);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(ReadContents(**again, 8), "contents");
  EXPECT_EQ((*again)->Close(), ObjectStatus::kOk);

  EXPECT_EQ(source->Reopen("link/file", item.identity).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(source->Reopen("a/other", item.identity).status().code(), StatusCode::kNotFound);
  ASSERT_EQ(::chmod(tree_.At("a/file").c_str(), 0600), 0);
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 7, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, tree_.At("a/file").c_str(), times, 0), 0);
  EXPECT_EQ(source->Reopen("a/file", item.identity).status().code(), StatusCode::kNotFound);
  tree_.Remove("a/file");
  EXPECT_EQ(source->Reopen("a/file", item.identity).status().code(), StatusCode::kNotFound);
}

TEST_F(ObjectContents, AreReopenedThroughTheLinksOfGivenPathsOnly) {
  tree_.File("real/dir/file", "contents");
  tree_.Symlink("link", "real");
  PosixSourceOptions options = tree_.Options();
  options.paths = {"link/dir", "real/dir/file"};
  const std::unique_ptr<PosixSource> source = MustCreate(options);
  SourceItem item;
  while (item.path != "real/dir/file") item = *MustNext(*source);
  EXPECT_TRUE(source->Reopen("link/dir/file", item.identity).ok());
  EXPECT_TRUE(source->Reopen("real/dir/file", item.identity).ok());
  EXPECT_EQ(source->Reopen("real/dir", item.identity).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(source->Reopen("elsewhere", item.identity).status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace tapir
