#include "tapir/target/directory_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "bytes/cursor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_files_cases.h"
#include "tests/target/target_fixture.h"

namespace tapir::test {
namespace {

class DirectoryFilesTest : public TargetTest {
 protected:
  void SetUp() override {
    TargetTest::SetUp();
    for (const CaseFile& file : CaseFiles()) {
      if (file.is_directory) {
        std::filesystem::create_directory(At(file.path));
      } else {
        TargetTest::Write(At(file.path), file.contents);
      }
    }
    files_ = Value(OpenDirectoryFiles(root_ + "/target"));
  }

  std::unique_ptr<VolumeFiles> files_;
};

class DirectoryFilesCases : public DirectoryFilesTest,
                            public testing::WithParamInterface<VolumeFilesCase> {};

TEST_P(DirectoryFilesCases, DoesAsEveryVolume) {
  GetParam().body(*files_);
  EXPECT_THAT(files_->Finish(), IsOk());
}

INSTANTIATE_TEST_SUITE_P(All, DirectoryFilesCases, testing::ValuesIn(VolumeFilesCases()),
                         [](const auto& one) { return one.param.name; });

TEST_F(DirectoryFilesTest, KeepsWhatAFileHas) {
  const std::string file = At("Windows/System32/config/SYSTEM");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  ASSERT_EQ(::setxattr(file.c_str(), "user.note", "kept", 4, 0), 0);
  if (IsRoot()) {
    ASSERT_EQ(::chown(file.c_str(), 12, 34), 0);
  }
  const struct stat before = Stat(file);
  ASSERT_THAT(files_->Write("windows/system32/config/system", AsBytes("new")), IsOk());
  const struct stat after = Stat(file);
  EXPECT_EQ(Read(file), "new");
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  EXPECT_EQ(Xattr(file, "user.note"), "kept");
  EXPECT_NE(after.st_ino, before.st_ino);
}

TEST_F(DirectoryFilesTest, TakesNamesOfTheSameCaseFirst) {
  TargetTest::Write(At("Empty/name"), "lower");
  TargetTest::Write(At("Empty/NAME"), "upper");
  EXPECT_EQ(Value(files_->Read("Empty/name", 100)), "lower");
  EXPECT_EQ(Value(files_->Read("EMPTY/NAME", 100)), "upper");
  const auto either = files_->Read("Empty/Name", 100);
  ASSERT_FALSE(either.ok());
  EXPECT_EQ(FailureOf(either.status()), FileFailure::kAmbiguous);
  EXPECT_EQ(FailureOf(files_->Write("Empty/Name", AsBytes("x"))), FileFailure::kAmbiguous);
  EXPECT_THAT(Names(At("Empty")), testing::UnorderedElementsAre("name", "NAME"));
}

TEST_F(DirectoryFilesTest, FollowsNoLink) {
  ASSERT_EQ(::symlink((root_ + "/outside").c_str(), At("way").c_str()), 0);
  ASSERT_EQ(::symlink((root_ + "/outside/precious").c_str(), At("link").c_str()), 0);
  EXPECT_EQ(FailureOf(files_->Delete("way/precious")), FileFailure::kParentNotFound);
  EXPECT_EQ(FailureOf(files_->Write("link", AsBytes("x"))), FileFailure::kAccessDenied);
  EXPECT_FALSE(files_->Read("link", 100).ok());
  ASSERT_THAT(files_->Delete("link"), IsOk());
  EXPECT_EQ(Read(root_ + "/outside/precious"), "precious");
}

TEST_F(DirectoryFilesTest, HasNoShortNames) {
  EXPECT_EQ(FailureOf(files_->SetShortName("Windows/System32/config/SYSTEM", "SYS~1")),
            FileFailure::kUnsupported);
  EXPECT_EQ(FailureOf(files_->SetShortName("Windows/none", "SYS~1")), FileFailure::kNotFound);
}

TEST_F(DirectoryFilesTest, LeavesNothingBehindWhatFails) {
  const std::string contents = RandomBytes(1'000'000, 3);
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 100'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status failed = files_->Write("Windows/System32/config/SYSTEM", AsBytes(contents));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  EXPECT_THAT(failed, HasCode(StatusCode::kDeviceError));
  EXPECT_EQ(Read(At("Windows/System32/config/SYSTEM")), "the hive");
  EXPECT_THAT(Names(At("Windows/System32/config")),
              testing::UnorderedElementsAre("SYSTEM", "SOFTWARE"));
}

TEST(DirectoryFiles, WantsADirectory) {
  EXPECT_THAT(OpenDirectoryFiles("/dev/null"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(OpenDirectoryFiles("/there is nothing"), HasCode(StatusCode::kDeviceError));
}

}  // namespace
}  // namespace tapir::test
