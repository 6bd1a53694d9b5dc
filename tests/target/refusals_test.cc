// What the system refuses: rights, space, a read-only or foreign file system.

#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

class RefusalsTest : public TargetTest {
 protected:
  void TearDown() override {
    for (const std::string& mounted : mounts_) ::umount2(mounted.c_str(), MNT_DETACH);
    TargetTest::TearDown();
  }
  bool MountSmall(const std::string& directory, unsigned long flags = 0) {
    std::filesystem::create_directories(directory);
    if (::mount("tapir", directory.c_str(), "tmpfs", flags, "size=1m") != 0) return false;
    mounts_.push_back(directory);
    return true;
  }

  std::vector<std::string> mounts_;
};

TEST_F(RefusalsTest, TargetIsNotADirectory) {
  Write(root_ + "/file", "x");
  for (const char* path : {"/file", "/file/below"}) {
    const auto target = PosixTarget::Open({.directory = root_ + path});
    EXPECT_EQ(StatusCode::kInvalidArgument, target.status().code()) << target.status().ToString();
  }
  const auto nameless = PosixTarget::Open({.directory = ""});
  EXPECT_FALSE(nameless.ok());
}

TEST_F(RefusalsTest, TargetIsReadOnly) {
  if (!IsRoot() || !MountSmall(root_ + "/ro", MS_RDONLY)) GTEST_SKIP() << "needs mount";
  const auto target = PosixTarget::Open({.directory = root_ + "/ro"});
  EXPECT_EQ(EROFS, target.status().sys_errno());
  EXPECT_EQ("cannot restore into '" + root_ + "/ro': Read-only file system",
            target.status().message());
  const auto below = PosixTarget::Open({.directory = root_ + "/ro/new"});
  EXPECT_EQ(EROFS, below.status().sys_errno()) << below.status().ToString();
}

TEST_F(RefusalsTest, FullDiskLeavesNoHalfFile) {
  if (!IsRoot() || !MountSmall(root_ + "/small")) GTEST_SKIP() << "needs mount";
  Open({.directory = root_ + "/small"});
  const std::string contents(700'000, 'x');
  ASSERT_OK(MakeFile("first", contents));
  const Status whole = MakeFile("second", contents);
  EXPECT_EQ(ENOSPC, whole.sys_errno());
  EXPECT_EQ("cannot write 'second': No space left on device", whole.message());
  {
    auto file = target_->OpenFile(Of(ObjectType::kRegular, "third"));
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(ENOSPC, (*file)->WriteAt(0, Bytes(contents)).sys_errno());
    auto large = target_->OpenFile(Of(ObjectType::kRegular, "large"));
    ASSERT_TRUE(large.ok());
    EXPECT_EQ(ENOSPC, (*large)->WriteAt(1, Bytes(std::string(3'000'000, 'x'))).sys_errno());
    ASSERT_OK((*large)->KeepPartial(Of(ObjectType::kRegular, "large"), 10'000));
    EXPECT_EQ(10'000, Stat(root_ + "/small/large.tapir-partial").st_size);
  }
  const std::vector<std::string> expected = {"first", "large.tapir-partial"};
  EXPECT_EQ(expected, Names(root_ + "/small"));
}

TEST_F(RefusalsTest, HardLinkAcrossFileSystemsIsCopied) {
  if (!IsRoot() || !MountSmall(At("mounted"))) GTEST_SKIP() << "needs mount";
  ASSERT_OK(MakeFile("mounted/a", std::string(3000, 'x')));
  Metadata link = Of(ObjectType::kHardLink, "b", 0640);
  ASSERT_OK(target_->MakeHardLink("mounted/a", link));
  EXPECT_EQ(std::string(3000, 'x'), Read(At("b")));
  EXPECT_EQ(0640u, Stat(At("b")).st_mode & 07777);
  EXPECT_TRUE(notices_.Holds("b: hard link could not be made, contents were copied"));
  EXPECT_CODE(kExists, target_->MakeHardLink("mounted/a", link));
}

TEST_F(RefusalsTest, WithoutRoot) {
  if (!IsRoot()) GTEST_SKIP() << "needs root to become nobody";
  ASSERT_EQ(0, ::chmod(At("").c_str(), 0777));
  const auto body = [this] {
    Open();
    ASSERT_OK(MakeDirectory("d", 0555));
    for (const char* path : {"d/one", "d/two"}) {
      Metadata file = Of(ObjectType::kRegular, path, 06755);
      file.uid = 0;
      file.gid = 0;
      file.xattrs = {{"trusted.tapir", "x"}, {"user.tapir", "value"}};
      ASSERT_OK(target_->MakeFile(file, Bytes("contents")));
      EXPECT_EQ(0755u, Stat(At(path)).st_mode & 07777);
      EXPECT_EQ("value", Xattr(At(path), "user.tapir"));
    }
    Metadata read_only = Of(ObjectType::kRegular, "d/read_only", 0444);
    read_only.xattrs = {{"user.tapir", "value"}};
    ASSERT_OK(target_->MakeFile(read_only, {}));
    EXPECT_EQ("value", Xattr(At("d/read_only"), "user.tapir"));
    EXPECT_EQ(0444u, Stat(At("d/read_only")).st_mode & 07777);
    Metadata device = Of(ObjectType::kCharDevice, "d/device");
    device.device_major = 1;
    ASSERT_OK(target_->MakeNode(device));
    ASSERT_OK(target_->MakeHardLink("d/device", Of(ObjectType::kHardLink, "d/device2")));
    ASSERT_OK(target_->Remove("d/device2"));
    ASSERT_OK(target_->Finish());
    const std::vector<std::string> expected = {
        "d/one: owner could not be set: Operation not permitted",
        "d/one: trusted attribute could not be set: Operation not permitted",
        "d/one: set-id bits were left out because the owner could not be set",
        "d/device: device node could not be made: Operation not permitted",
        ": owner of 2 objects could not be set (not root)",
        ": set-id bits of 2 objects were left out (not root)",
        ": 2 trusted attributes could not be set (not root)",
        ": 2 device nodes could not be made (not root)",
    };
    EXPECT_EQ(expected, notices_.texts);
  };
  EXPECT_TRUE(AsNobody(body));
  EXPECT_EQ(0555u, Stat(At("d")).st_mode & 07777);
}

TEST_F(RefusalsTest, NoRightToWrite) {
  if (!IsRoot()) GTEST_SKIP() << "needs root to become nobody";
  std::filesystem::create_directories(At("closed"));
  ASSERT_EQ(0, ::chmod(At("").c_str(), 0777));
  const auto body = [this] {
    Open();
    const Status status = MakeFile("closed/x");
    EXPECT_EQ(EACCES, status.sys_errno());
    EXPECT_EQ("cannot create 'closed/x': Permission denied", status.message());
    const auto target = PosixTarget::Open({.directory = At("closed")});
    EXPECT_EQ(EACCES, target.status().sys_errno());
  };
  EXPECT_TRUE(AsNobody(body));
}

}  // namespace
}  // namespace tapir
