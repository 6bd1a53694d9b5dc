#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tapir/hive/read_hive.h"
#include "tests/hive/hive_tools.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using test::Value;

std::string Unpacked(const std::string& name) {
  return test::CommandOutput("xz -dc " TAPIR_SAMPLES "/hives/" + name + ".xz");
}

// Values and keys with their times, as another project reads them.
std::string Looked(const std::string& hive) { return test::ToolOutput(hive, "reglookup HIVE"); }
// What is read of an up-to-date hive is what other projects read, and is it still once rewritten.
void ExpectReadAndRewritten(const std::string& hive, const HiveContents& contents) {
  const std::string text = test::HivexText(contents.root);
  EXPECT_TRUE(text == test::ExportOutput(hive));
  const std::string rewritten = Value(BuildHive(contents.root, contents.description));
  EXPECT_LE(rewritten.size(), hive.size());
  EXPECT_TRUE(Looked(rewritten) == Looked(hive));
  EXPECT_TRUE(test::ExportOutput(rewritten) == text);
  EXPECT_TRUE(Value(ReadHive({.hive = rewritten})).root == contents.root);
}

TEST(ReadHiveSamples, ACleanHive) {
  const std::string hive = Unpacked("regipy_SYSTEM");
  const HiveContents contents = Value(ReadHive({.hive = hive}));
  EXPECT_THAT(contents.warnings, testing::IsEmpty());
  EXPECT_TRUE(contents.replayed.empty());
  ExpectReadAndRewritten(hive, contents);
}

TEST(ReadHiveSamples, ADirtyHiveWithBothLogs) {
  const HiveBytes bytes = {.hive = Unpacked("regipy_SYSTEM_B"),
                           .log1 = Unpacked("regipy_SYSTEM_B.LOG1"),
                           .log2 = Unpacked("regipy_SYSTEM_B.LOG2")};
  const HiveRecovery recovery = RecoverHive(bytes.hive, {.log1 = bytes.log1, .log2 = bytes.log2});
  const HiveContents contents = Value(ReadHive(bytes));
  EXPECT_THAT(contents.warnings, testing::IsEmpty());
  ASSERT_EQ(contents.replayed.size(), 2u);
  EXPECT_EQ(contents.replayed[0].name, "LOG1");
  EXPECT_EQ(contents.replayed[0].entries, 4u);
  EXPECT_EQ(contents.replayed[1].entries, 20u);
  EXPECT_EQ(contents.description.sequence, 0x852u);
  ExpectReadAndRewritten(recovery.hive, contents);
}

TEST(ReadHiveSamples, OnlyThePolicy) {
  const std::string hive = Unpacked("regipy_SYSTEM");
  const std::u16string policy = u"ControlSet001\\Control\\BackupRestore";
  const HiveContents some = Value(ReadHive({.hive = hive}, {.subtrees = {policy}}));
  const HiveContents all = Value(ReadHive({.hive = hive}));
  ASSERT_NE(all.root.Find(policy), nullptr);
  ASSERT_NE(some.root.Find(policy), nullptr);
  EXPECT_FALSE(all.root.Find(policy)->Find(u"FilesNotToBackup")->values.empty());
  EXPECT_EQ(*some.root.Find(policy), *all.root.Find(policy));
}

}  // namespace
}  // namespace tapir
