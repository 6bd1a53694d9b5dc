#include "tapir/jobs/policy_drives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class PolicyDrivesTest : public testing::Test {
 protected:
  PolicyDrivesTest() { std::filesystem::create_directories(scratch_.At("mnt/c/Windows/Temp")); }

  // "C mnt/c .": letter, prefix, inside. Absolute prefixes without the scratch directory.
  std::vector<std::string> Find(const std::string& base, const std::vector<std::string>& paths,
                                const DriveDirectories& drives) {
    std::vector<std::string> found;
    const std::string root = std::filesystem::canonical(scratch_.At(".")).string().substr(1);
    for (const PolicyDrive& drive : Value(DrivesInTree(base, paths, drives))) {
      std::string prefix = drive.prefix;
      if (prefix.starts_with(root)) prefix = "ABS" + prefix.substr(root.size());
      found.push_back(std::string(1, static_cast<char>(drive.letter)) + " " + prefix + " " +
                      drive.inside);
    }
    return found;
  }

  Scratch scratch_;
};

TEST_F(PolicyDrivesTest, PathsThatAreAboveAndBelow) {
  const DriveDirectories c = {{u'C', scratch_.At("mnt/c")}};
  EXPECT_THAT(Find(scratch_.At("mnt"), {"c"}, c), ElementsAre("C c ."));
  EXPECT_THAT(Find(scratch_.At("mnt/c"), {"."}, c), ElementsAre("C . ."));
  EXPECT_THAT(Find(scratch_.At("."), {"."}, c), ElementsAre("C mnt/c ."));
  EXPECT_THAT(Find(scratch_.At("."), {"mnt"}, c), ElementsAre("C mnt/c ."));
  EXPECT_THAT(Find(scratch_.At("mnt/c"), {"Windows"}, c), ElementsAre("C . ."));
  EXPECT_THAT(Find(scratch_.At("mnt/c/Windows"), {"Temp"}, c), ElementsAre("C . Windows"));
  EXPECT_THAT(Find("/", {scratch_.At("mnt/c/Windows")}, c), ElementsAre("C ABS/mnt/c ."));
  EXPECT_THAT(Find(scratch_.At("mnt/c"), {"Windows", "."}, c), ElementsAre("C . ."));
}

TEST_F(PolicyDrivesTest, SeveralDrivesAndLinks) {
  std::filesystem::create_directories(scratch_.At("mnt/c/data"));
  std::filesystem::create_directory_symlink("mnt/c", scratch_.At("link"));
  EXPECT_THAT(Find(scratch_.At("."), {"mnt"},
                   {{u'C', scratch_.At("link")}, {u'D', scratch_.At("mnt/c/data")}}),
              UnorderedElementsAre("C mnt/c .", "D mnt/c/data ."));
}

TEST_F(PolicyDrivesTest, WhatIsElsewhereOrNotThere) {
  std::filesystem::create_directories(scratch_.At("other"));
  const DriveDirectories c = {{u'C', scratch_.At("mnt/c")}};
  EXPECT_THAT(Find(scratch_.At("."), {"other", "missing"}, c), IsEmpty());
  EXPECT_THAT(DrivesInTree(".", {"."}, {{u'C', scratch_.At("nowhere")}}),
              HasCode(StatusCode::kDeviceError));
  EXPECT_THAT(DrivesInTree(".", {".."}, c), HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace tapir::test
