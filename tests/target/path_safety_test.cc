// Nothing outside the target is reached, whatever the volume says and whoever else is at work.

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

class PathSafetyTest : public TargetTest {
 protected:
  void SetUp() override {
    TargetTest::SetUp();
    outside_ = Stat(root_ + "/outside");
    precious_ = Stat(root_ + "/outside/precious");
  }

  void ExpectOutsideUntouched() {
    EXPECT_EQ(std::vector<std::string>{"precious"}, Names(root_ + "/outside"));
    EXPECT_EQ("precious", Read(root_ + "/outside/precious"));
    ExpectSame(outside_, Stat(root_ + "/outside"));
    ExpectSame(precious_, Stat(root_ + "/outside/precious"));
  }

  static void ExpectSame(const struct stat& before, const struct stat& after) {
    EXPECT_EQ(before.st_mode, after.st_mode);
    EXPECT_EQ(before.st_uid, after.st_uid);
    EXPECT_EQ(before.st_nlink, after.st_nlink);
    EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  }

  // Everything that can be done to a path.
  std::vector<Status> TryAll(const std::string& path) {
    std::byte buffer[8];
    std::vector<Status> all;
    all.push_back(MakeFile(path, "evil", 0777));
    all.push_back(target_->OpenFile(Of(ObjectType::kRegular, path)).status());
    all.push_back(MakeSymlink(path, "evil"));
    all.push_back(target_->MakeNode(Of(ObjectType::kFifo, path, 0777)));
    all.push_back(target_->MakeHardLink("primary", Of(ObjectType::kHardLink, path)));
    all.push_back(target_->MakeHardLink(path, Of(ObjectType::kHardLink, "new_name")));
    all.push_back(target_->ReadBack(path, 0, buffer).status());
    all.push_back(target_->Remove(path));
    return all;
  }

  struct stat outside_ {};
  struct stat precious_ {};
};

TEST_F(PathSafetyTest, PathsThatBreakTheRules) {
  ASSERT_OK(MakeFile("primary"));
  const std::string paths[] = {"",      "..",     "../outside/x", "/etc/x", "a//b",
                               "a/./b", "a/../b", "a/",           "./a",    std::string("a\0b", 3)};
  for (const bool overwrite : {false, true}) {
    Open({.overwrite = overwrite});
    for (const std::string& path : paths) {
      for (const Status& status : TryAll(path))
        EXPECT_EQ(StatusCode::kInvalidArgument, status.code());
      EXPECT_CODE(kInvalidArgument, MakeDirectory(path));
    }
  }
  EXPECT_CODE(kInvalidArgument, MakeFile("."));
  EXPECT_EQ(std::vector<std::string>{"primary"}, Names(At("")));
  ExpectOutsideUntouched();
}

TEST_F(PathSafetyTest, LinkInTheWayAtEachComponent) {
  for (const bool overwrite : {false, true}) {
    for (const std::string link : {"l", "a/l", "a/b/l"}) {
      std::filesystem::remove_all(At("a"));
      std::filesystem::remove_all(At("l"));
      std::filesystem::remove_all(At("primary"));
      Open({.overwrite = overwrite});
      ASSERT_OK(MakeFile("primary"));
      std::filesystem::create_directories(At("a/b"));
      ASSERT_EQ(0, ::symlink((root_ + "/outside").c_str(), At(link).c_str()));
      for (const std::string below : {"/f", "/precious", "/sub/f"}) {
        for (const Status& status : TryAll(link + below)) EXPECT_FALSE(status.ok());
        EXPECT_CODE(kExists, MakeFile(link + below));
        EXPECT_CODE(kExists, MakeDirectory(link + below));
      }
      ASSERT_OK(target_->Finish());
      ExpectOutsideUntouched();
    }
  }
}

TEST_F(PathSafetyTest, LinkFromTheVolumeIsNotFollowed) {
  OpenToOverwrite();
  ASSERT_OK(MakeSymlink("l", "../outside"));
  EXPECT_CODE(kExists, MakeFile("l/evil"));
  EXPECT_CODE(kExists, MakeFile("l/precious"));
  ASSERT_OK(MakeSymlink("p", "../outside/precious"));
  ASSERT_OK(MakeFile("p", "evil")) << "replaces the link";
  ASSERT_OK(MakeSymlink("q", "../outside/precious"));
  ASSERT_OK(target_->MakeHardLink("q", Of(ObjectType::kHardLink, "r"))) << "links the link";
  std::byte buffer[8];
  EXPECT_CODE(kNotFound, target_->ReadBack("q", 0, buffer).status());
  ASSERT_OK(target_->Finish());
  ExpectOutsideUntouched();
}

TEST_F(PathSafetyTest, DirectorySwappedForALinkBeforeFinish) {
  ASSERT_OK(MakeDirectory("d", 0777));
  ASSERT_OK(MakeDirectory("d/sub", 0777));
  std::filesystem::rename(At("d"), At("moved"));
  ASSERT_EQ(0, ::symlink((root_ + "/outside").c_str(), At("d").c_str()));
  std::filesystem::create_directories(root_ + "/outside2");
  EXPECT_FALSE(target_->Finish().ok());
  ExpectOutsideUntouched();
}

// Another program swaps a directory of the target for a link out of it, all the time.
TEST_F(PathSafetyTest, LinkSwappedInWhileTheRunGoesOn) {
  std::filesystem::create_directories(At("d/sub"));
  ASSERT_EQ(0, ::symlink((root_ + "/outside").c_str(), At("link").c_str()));
  std::filesystem::create_directories(root_ + "/outside/sub");
  outside_ = Stat(root_ + "/outside");
  const struct stat sub = Stat(root_ + "/outside/sub");
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    while (!stop) {
      ::renameat2(AT_FDCWD, At("d").c_str(), AT_FDCWD, At("link").c_str(), RENAME_EXCHANGE);
    }
  });
  for (int i = 0; i < 1500; ++i) {
    Open({.overwrite = true});  // forgets the directories that were open
    const std::string name = "d/sub/f" + std::to_string(i % 10);
    static_cast<void>(MakeDirectory("d/sub", 0777));
    static_cast<void>(MakeFile(name));
    static_cast<void>(TryAll("d/sub/precious"));
    static_cast<void>(MakeSymlink("d/sub/s", "evil"));
    static_cast<void>(target_->Finish());
  }
  stop = true;
  swapper.join();
  EXPECT_EQ((std::vector<std::string>{"precious", "sub"}), Names(root_ + "/outside"));
  EXPECT_TRUE(Names(root_ + "/outside/sub").empty());
  ExpectSame(outside_, Stat(root_ + "/outside"));
  ExpectSame(sub, Stat(root_ + "/outside/sub"));
}

// The last component is swapped between a file and a link out of the target.
TEST_F(PathSafetyTest, NameSwappedWhileItIsReplaced) {
  ASSERT_EQ(0, ::symlink((root_ + "/outside/precious").c_str(), At("link").c_str()));
  OpenToOverwrite();
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    while (!stop) {
      ::unlink(At("f").c_str());
      static_cast<void>(::link(At("link").c_str(), At("f").c_str()) == 0);
    }
  });
  for (int i = 0; i < 1500; ++i) {
    static_cast<void>(MakeFile("f", "evil", 0777));
    static_cast<void>(target_->MakeNode(Of(ObjectType::kFifo, "f", 0777)));
    static_cast<void>(MakeDirectory("f", 0777));
    static_cast<void>(target_->Remove("f"));
  }
  static_cast<void>(target_->Finish());
  stop = true;
  swapper.join();
  ExpectOutsideUntouched();
}

}  // namespace
}  // namespace tapir
