#include "tapir/jobs/restore_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tapir/target/directory_files.h"
#include "tests/jobs/registry_trees.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr char kSoftware[] = "Windows/System32/config/SOFTWARE";

class RestoreStatusTest : public testing::Test {
 protected:
  void Put(const std::string& name, const RegistryKey& root) {
    scratch_.Put("c/Windows/System32/config/" + name, Value(BuildHive(root, {.sequence = 5})));
  }
  Result<bool> Write(uint32_t result, uint32_t details) {
    return WriteRestoreStatus([this](bool) { return OpenDirectoryFiles(scratch_.At("c")); }, result,
                              details, ambient_);
  }
  HiveContents Software() {
    const auto files = Value(OpenDirectoryFiles(scratch_.At("c")));
    return Value(ReadHive(Value(ReadHiveBytes(*files, kSoftware))));
  }

  Scratch scratch_;
  FixedAmbient ambient_;
};

TEST_F(RestoreStatusTest, NumbersAreWrittenAndDetailsOnlyOfFailures) {
  Put("SYSTEM", SystemTree());
  Put("SOFTWARE", SoftwareTree());
  EXPECT_TRUE(Value(Write(1, 0xC0000034)));
  HiveContents software = Software();
  const std::u16string key = u"Microsoft\\Windows NT\\CurrentVersion\\SystemRestore";
  ASSERT_NE(software.root.Find(key), nullptr);
  EXPECT_EQ(software.root.Find(key)->value(u"RestoreStatusResult")->number(), 1u);
  EXPECT_EQ(software.root.Find(key)->value(u"RestoreStatusDetails")->number(), 0xC0000034u);
  EXPECT_EQ(software.description.sequence, 6u);

  EXPECT_TRUE(Value(Write(0, 0)));
  software = Software();
  EXPECT_EQ(software.root.Find(key)->value(u"RestoreStatusResult")->number(), 0u);
  EXPECT_EQ(software.root.Find(key)->value(u"RestoreStatusDetails"), nullptr);
  RegistryKey wanted = SoftwareTree();
  wanted.Make(key) = *software.root.Find(key);
  EXPECT_TRUE(software.root == wanted);
}

TEST_F(RestoreStatusTest, AVolumeWithoutWindowsIsLeftAlone) {
  scratch_.Put("c/file", "x");
  EXPECT_FALSE(Value(Write(0, 0)));
  Put("SYSTEM", SystemTree());
  EXPECT_FALSE(Value(Write(0, 0)));
  scratch_.Put("c/" + std::string(kSoftware), "no hive");
  EXPECT_THAT(Write(0, 0), HasCode(StatusCode::kCorrupt));
}

}  // namespace
}  // namespace tapir::test
