// Each type of object, its metadata, and what comes last.

#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

using ObjectsTest = TargetTest;

TEST_F(ObjectsTest, FileHasContentsModeAndTime) {
  ASSERT_OK(MakeDirectory("d"));
  ASSERT_OK(MakeFile("d/f", "contents", 0640));
  const struct stat found = Stat(At("d/f"));
  EXPECT_EQ("contents", Read(At("d/f")));
  EXPECT_EQ(S_IFREG | 0640u, found.st_mode);
  EXPECT_EQ(1'000'000'000, found.st_mtim.tv_sec);
  EXPECT_EQ(123'456'789, found.st_mtim.tv_nsec);
}

TEST_F(ObjectsTest, UmaskDoesNotNarrowTheMode) {
  const mode_t before = ::umask(077);
  EXPECT_OK(MakeFile("f", "x", 0666));
  EXPECT_OK(target_->MakeNode(Of(ObjectType::kFifo, "p", 0622)));
  EXPECT_OK(MakeDirectory("d", 0777));
  ::umask(before);
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(0666u, Stat(At("f")).st_mode & 07777);
  EXPECT_EQ(0622u, Stat(At("p")).st_mode & 07777);
  EXPECT_EQ(0777u, Stat(At("d")).st_mode & 07777);
}

TEST_F(ObjectsTest, SymlinkIsNotFollowedForItsMetadata) {
  Metadata link = Of(ObjectType::kSymlink, "l", 0777);
  link.link_target = "../outside/precious";
  const struct stat before = Stat(root_ + "/outside/precious");
  if (IsRoot()) {
    link.uid = 1234;
    link.xattrs = {{"trusted.tapir", "value"}};
  }
  ASSERT_OK(target_->MakeNode(link));
  const struct stat found = Stat(At("l"));
  EXPECT_TRUE(S_ISLNK(found.st_mode));
  EXPECT_EQ(link.uid, found.st_uid);
  EXPECT_EQ(123'456'789, found.st_mtim.tv_nsec);
  const struct stat after = Stat(root_ + "/outside/precious");
  EXPECT_EQ(before.st_uid, after.st_uid);
  EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
  if (IsRoot()) {
    EXPECT_EQ("value", Xattr(At("l"), "trusted.tapir"));
  }
}

TEST_F(ObjectsTest, DeviceNodesAndFifo) {
  ASSERT_OK(target_->MakeNode(Of(ObjectType::kFifo, "fifo", 0600)));
  EXPECT_TRUE(S_ISFIFO(Stat(At("fifo")).st_mode));
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  Metadata device = Of(ObjectType::kCharDevice, "null", 0666);
  device.device_major = 1;
  device.device_minor = 3;
  ASSERT_OK(target_->MakeNode(device));
  const struct stat found = Stat(At("null"));
  EXPECT_EQ(S_IFCHR | 0666u, found.st_mode);
  EXPECT_EQ(makedev(1, 3), found.st_rdev);
  device.path = "block";
  device.type = ObjectType::kBlockDevice;
  device.device_major = 259;
  device.device_minor = 70000;
  ASSERT_OK(target_->MakeNode(device));
  EXPECT_EQ(makedev(259, 70000), Stat(At("block")).st_rdev);
}

TEST_F(ObjectsTest, HardLinkSharesTheFile) {
  ASSERT_OK(MakeFile("a"));
  ASSERT_OK(MakeSymlink("l", "a"));
  ASSERT_OK(target_->MakeHardLink("a", Of(ObjectType::kHardLink, "sub/b")));
  ASSERT_OK(target_->MakeHardLink("l", Of(ObjectType::kHardLink, "m")));
  EXPECT_EQ(Stat(At("a")).st_ino, Stat(At("sub/b")).st_ino);
  EXPECT_EQ(Stat(At("l")).st_ino, Stat(At("m")).st_ino) << "the link itself, not what it names";
}

TEST_F(ObjectsTest, HardLinkOnlyToWhatThisRunMade) {
  Write(At("old"), "old");
  EXPECT_CODE(kNotFound, target_->MakeHardLink("old", Of(ObjectType::kHardLink, "b")));
  EXPECT_CODE(kInvalidArgument,
              target_->MakeHardLink("../outside/precious", Of(ObjectType::kHardLink, "b")));
  EXPECT_FALSE(Exists(At("b")));
}

TEST_F(ObjectsTest, TimesBefore1970AndAccessTime) {
  Metadata file = Of(ObjectType::kRegular, "f");
  file.mtime = {-86400, 999'999'999};
  file.has_access_time = true;
  file.access_time = {-2, 1};
  ASSERT_OK(target_->MakeFile(file, {}));
  const struct stat found = Stat(At("f"));
  EXPECT_EQ(-86400, found.st_mtim.tv_sec);
  EXPECT_EQ(999'999'999, found.st_mtim.tv_nsec);
  EXPECT_EQ(-2, found.st_atim.tv_sec);
  EXPECT_EQ(1, found.st_atim.tv_nsec);
}

TEST_F(ObjectsTest, NanosecondsOutOfRangeAreALossNotAnOrder) {
  Metadata file = Of(ObjectType::kRegular, "f");
  file.mtime.nanoseconds = 1'073'741'823;  // UTIME_NOW
  ASSERT_OK(target_->MakeFile(file, {}));
  EXPECT_TRUE(notices_.Holds("f: times could not be set"));
}

TEST_F(ObjectsTest, DirectoryMetadataComesLast) {
  ASSERT_OK(MakeDirectory("ro", 0555));
  ASSERT_OK(MakeDirectory("ro/deep", 0500));
  ASSERT_OK(MakeFile("ro/deep/f"));
  EXPECT_EQ(0700u, Stat(At("ro")).st_mode & 07777) << "nobody else looks in meanwhile";
  ASSERT_OK(target_->Finish());
  for (const char* path : {"ro", "ro/deep"}) {
    EXPECT_EQ(1'000'000'000, Stat(At(path)).st_mtim.tv_sec);
    EXPECT_EQ(123'456'789, Stat(At(path)).st_mtim.tv_nsec);
  }
  EXPECT_EQ(0555u, Stat(At("ro")).st_mode & 07777);
  EXPECT_EQ(0500u, Stat(At("ro/deep")).st_mode & 07777);
}

TEST_F(ObjectsTest, MissingParentIsMadeAndCorrectedByItsOwnObject) {
  ASSERT_OK(MakeFile("a/b/f"));
  ASSERT_OK(MakeDirectory("a", 0711));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(0711u, Stat(At("a")).st_mode & 07777);
  EXPECT_EQ(1'000'000'000, Stat(At("a")).st_mtim.tv_sec);
  EXPECT_EQ("new", Read(At("a/b/f")));
}

TEST_F(ObjectsTest, RootGetsMetadataOnlyIfThisRunMadeItOrMayOverwrite) {
  const struct stat before = Stat(At("."));
  ASSERT_OK(MakeDirectory(".", 0711));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(before.st_mode, Stat(At(".")).st_mode);
  OpenToOverwrite();
  ASSERT_OK(MakeDirectory(".", 0711));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(0711u, Stat(At(".")).st_mode & 07777);
  Open({.directory = root_ + "/made/by/target"});
  ASSERT_OK(MakeDirectory(".", 0710));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(0710u, Stat(root_ + "/made/by/target").st_mode & 07777);
}

TEST_F(ObjectsTest, ReadBackAndRemoveKnowOnlyThisRun) {
  Write(At("old"), "old");
  ASSERT_OK(MakeDirectory("d"));
  ASSERT_OK(MakeFile("d/f", "0123456789"));
  std::byte buffer[8];
  const auto got = target_->ReadBack("d/f", 4, buffer);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(4u, got->offset_bytes);
  EXPECT_EQ(6u, got->size);
  EXPECT_EQ(std::byte{'4'}, buffer[0]);
  EXPECT_CODE(kNotFound, target_->ReadBack("old", 0, buffer).status());
  EXPECT_CODE(kNotFound, target_->ReadBack("d", 0, buffer).status());
  EXPECT_CODE(kNotFound, target_->Remove("old"));
  EXPECT_CODE(kNotFound, target_->Remove("."));
  EXPECT_CODE(kDeviceError, target_->Remove("d")) << "not empty";
  ASSERT_OK(target_->Remove("d/f"));
  ASSERT_OK(target_->Remove("d"));
  EXPECT_CODE(kNotFound, target_->Remove("d"));
  EXPECT_FALSE(Exists(At("d")));
  ASSERT_OK(MakeFile("d/f", "again")) << "the removed directory must not be remembered as open";
  EXPECT_EQ("again", Read(At("d/f")));
  ASSERT_OK(target_->Finish());
}

TEST_F(ObjectsTest, NamesAreBytes) {
  const std::string names[] = {"new\nline", "\xff\xfe not UTF-8", " -rf *", "a\\b",
                               std::string(255, 'n')};
  for (const std::string& name : names) ASSERT_OK(MakeFile(name, name));
  for (const std::string& name : names) EXPECT_EQ(name, Read(At(name)));
  const Status too_long = MakeFile(std::string(256, 'n'));
  EXPECT_EQ(ENAMETOOLONG, too_long.sys_errno()) << too_long.ToString();
}

TEST_F(ObjectsTest, DeeperThanPathMax) {
  std::vector<std::string> paths = {"level"};
  while (paths.size() < 3000) paths.push_back(paths.back() + "/l");
  for (const std::string& path : paths) ASSERT_OK(MakeDirectory(path, 0750));
  const std::string file = paths.back() + "/file";
  ASSERT_OK(MakeFile(file, "deep"));
  ASSERT_OK(target_->Finish());
  std::byte buffer[4];
  ASSERT_TRUE(target_->ReadBack(file, 0, buffer).ok());
  EXPECT_EQ(0750u, Stat(At("level/l/l")).st_mode & 07777);
  ASSERT_OK(target_->Remove(file));
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) ASSERT_OK(target_->Remove(*path));
  EXPECT_TRUE(Names(At("")).empty());
}

}  // namespace
}  // namespace tapir
