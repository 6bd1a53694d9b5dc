#include "tapir/jobs/system_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "tapir/windows/guid.h"
#include "tests/jobs/system_state_fixture.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::u16string_view kStateKey =
    u"ControlSet001\\Control\\BackupRestore\\SystemStateRestore";
constexpr std::u16string_view kAsrKey =
    u"Microsoft\\Windows NT\\CurrentVersion\\ASR\\RestoreSession";
constexpr char kVolumeName[] = "\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}";

TEST_F(SystemStateTest, KeepsWhatTheRulesSayAndRestoresTheRest) {
  scratch_.Put("session/" + In("SYSTEM.LOG1"), "a log of the session");
  scratch_.Put("target/" + In("SYSTEM.LOG1"), "a log of the target");
  Prepare();
  const SystemStateReport report = RestoreState();
  const HiveContents merged = Hive("SYSTEM");
  RegistryKey wanted = session_;
  wanted.SetSubkey(*existing_.subkey(u"MountedDevices"));
  const RegistryKey* state = merged.root.Find(kStateKey);
  ASSERT_NE(state, nullptr);
  wanted.Make(kStateKey) = *state;
  EXPECT_TRUE(merged.root == wanted);
  EXPECT_EQ(TextAt(merged.root, kStateKey, u"LastRestoreId"), report.restore_id);
  EXPECT_TRUE(ParseGuid(report.restore_id).has_value()) << report.restore_id;
  EXPECT_EQ(merged.description.sequence, 91u);
  EXPECT_THAT(decisions_, ElementsAre("kept from the target"));
  EXPECT_THAT(report.hives, ElementsAre(In("SYSTEM"), In("SOFTWARE")));
  EXPECT_TRUE(Hive("SOFTWARE").root == SoftwareTree());
  EXPECT_EQ(Contents(In("SYSTEM.LOG1")), "");
  EXPECT_THAT(NamesInRoot(), ElementsAre("Windows"));

  const std::string first_id = report.restore_id;
  EXPECT_NE(RestoreState().restore_id, first_id);
  RegistryKey again = Hive("SYSTEM").root;
  again.Make(kStateKey) = *state;
  EXPECT_TRUE(again == wanted) << "the second generation differs";
}

TEST_F(SystemStateTest, NewKeysHaveTheSecurityOfTheKeyAbove) {
  const auto security = std::make_shared<const std::string>(std::string(64, 's'));
  const std::function<void(RegistryKey&)> secure = [&](RegistryKey& key) {
    key.security = security;
    for (RegistryKey& subkey : key.subkeys) secure(subkey);
  };
  secure(session_);
  Prepare();
  RestoreState();
  const HiveContents merged = Hive("SYSTEM");
  const RegistryKey* made = merged.root.Find(kStateKey);
  ASSERT_NE(made, nullptr);
  ASSERT_NE(made->security, nullptr);
  EXPECT_EQ(*made->security, *security);
}

TEST_F(SystemStateTest, WithoutHivesOnTheTargetThoseOfTheSessionArePlaced) {
  PutHives("session", session_, 7);
  ArchiveTree();
  const SystemStateReport report = RestoreState();
  EXPECT_THAT(report.hives, ElementsAre(In("SYSTEM")));
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, u"MountedDevices", u"x"), "(none)");
  EXPECT_EQ(Hive("SYSTEM").root.subkey(u"MountedDevices")->values.size(), 2u);
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, kStateKey, u"LastRestoreId"), report.restore_id);
}

TEST_F(SystemStateTest, BareMetalTellsOfVolumesAndNotOfARestore) {
  request_.bare_metal = true;
  request_.mounted_device = "disk";
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_EQ(report.restore_id, "");
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, kStateKey, u"LastRestoreId"), "(none)");
  EXPECT_EQ(TextAt(Hive("SOFTWARE").root, kAsrKey, u"RestoredVolumes"), kVolumeName);
  EXPECT_EQ(TextAt(Hive("SOFTWARE").root, kAsrKey, u"LastInstance"), report.last_instance);

  const std::string other = "\\\\?\\Volume{fedcba98-7654-3210-fedc-ba9876543210}";
  request_.restored_volumes = {other};
  RestoreState();
  EXPECT_EQ(TextAt(Hive("SOFTWARE").root, kAsrKey, u"RestoredVolumes"),
            std::string(kVolumeName) + "|" + other);
  request_.restored_volumes = {"C:"};
  EXPECT_THAT(TryRestore(), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(SystemStateTest, BareMetalWithoutANameOfTheVolumeIsWarnedOf) {
  request_.bare_metal = true;
  Prepare();
  RestoreState();
  EXPECT_THAT(Notices(), HasSubstr("MountedDevices has no name of the volume"));
}

TEST_F(SystemStateTest, SysvolIsWrittenAsDocumented) {
  request_.sysvol = "authoritative";
  Prepare();
  RestoreState();
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, u"ControlSet001\\Services\\DFSR\\Restore", u"SYSVOL"),
            "authoritative");
  request_.sysvol = "often";
  const std::string before = Contents(In("SYSTEM"));
  EXPECT_THAT(TryRestore(), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Contents(In("SYSTEM")), before);
}

TEST_F(SystemStateTest, AnotherControlSetForTheNextStartIsWarnedOf) {
  session_.Make(u"Select").SetValue(MakeRegistryNumber(u"Default", 2));
  session_.Make(u"ControlSet002");
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_THAT(Notices(), HasSubstr("the restored registry starts another control set next"));
  EXPECT_EQ(TextAt(Hive("SYSTEM").root,
                   u"ControlSet002\\Control\\BackupRestore\\SystemStateRestore", u"LastRestoreId"),
            report.restore_id);
}

TEST_F(SystemStateTest, WithoutAHiveInTheSessionNothingIsRestored) {
  PutHives("target", existing_, 90);
  const std::string before = Contents(In("SYSTEM"));
  scratch_.Put("session/file", "x");
  ArchiveTree();
  EXPECT_THAT(TryRestore(), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(Contents(In("SYSTEM")), before);
  EXPECT_THAT(NamesInRoot(), ElementsAre("Windows"));
}

TEST_F(SystemStateTest, ADamagedHiveOfTheTargetIsNamedBeforeAnything) {
  Prepare();
  scratch_.Put("session/file", "x");
  scratch_.Put("target/" + In("SYSTEM"), "no hive at all");
  const Result<SystemStateReport> report = TryRestore();
  EXPECT_THAT(report, HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(report.status().message(), HasSubstr("of the target"));
  EXPECT_EQ(Contents(In("SYSTEM")), "no hive at all");
}

TEST_F(SystemStateTest, ADamagedHiveOfTheSessionLeavesThatOfTheTarget) {
  PutHives("session", session_, 7);
  PutHives("target", existing_, 90);
  scratch_.Put("session/" + In("SYSTEM"), Contents(In("SYSTEM")).substr(0, 5000));
  ArchiveTree();
  const std::string before = Contents(In("SYSTEM"));
  const Result<SystemStateReport> report = TryRestore();
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.status().message(), HasSubstr("of the session"));
  EXPECT_EQ(Contents(In("SYSTEM")), before);
}

TEST_F(SystemStateTest, WhatAKilledRunLeftIsPutBackFirst) {
  Prepare();
  const std::string old = Contents(In("SYSTEM"));
  scratch_.Put("target/" + In("SYSTEM"), "half of a hi");
  scratch_.Put("target/" + In("SYSTEM.tapir-old"), old);
  RestoreState();
  EXPECT_THAT(Notices(), HasSubstr("put back as it was"));
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, u"MountedDevices", u"\\DosDevices\\C:"), "(none)");
  EXPECT_EQ(Contents(In("SYSTEM.tapir-old")), "");
}

// Another file has the contents of a hive, which the archive holds once.
TEST_F(SystemStateTest, CopiesOfAHiveAreRestoredThoughItIsHeldBack) {
  Prepare();
  std::filesystem::remove(scratch_.At("volume"));
  session_.Make(u"Large").SetValue(BytesValue(u"x", std::string(5'000'000, 'x')));
  PutHives("session", session_, 7);
  std::filesystem::create_directories(scratch_.At("session/" + In("Z")));
  std::filesystem::copy(scratch_.At("session/" + In("SYSTEM")),
                        scratch_.At("session/" + In("Z/SYSTEM")));
  ArchiveTree();
  RestoreState();
  EXPECT_EQ(Contents(In("Z/SYSTEM")), Value(BuildHive(session_, {.sequence = 7})));
}

TEST_F(SystemStateTest, DifferencesThatAreMeantAreToldFromOthers) {
  SystemStateReport report;
  report.hives = {In("SYSTEM")};
  report.pending = {"Windows/x.dll"};
  report.at_next_start = true;
  const auto meant = [&](DifferenceKind kind, const std::string& path) {
    return IsMeantBySystemState(report, {kind, path, ""});
  };
  EXPECT_TRUE(meant(DifferenceKind::kContent, "WINDOWS/system32/config/system"));
  EXPECT_TRUE(meant(DifferenceKind::kContent, In("SYSTEM.LOG2")));
  EXPECT_TRUE(meant(DifferenceKind::kTimes, "Windows/System32/config"));
  EXPECT_FALSE(meant(DifferenceKind::kSecurity, "Windows/System32/config"));
  EXPECT_FALSE(meant(DifferenceKind::kContent, In("SOFTWARE")));
  EXPECT_TRUE(meant(DifferenceKind::kMissing, "Windows/x.dll"));
  EXPECT_TRUE(meant(DifferenceKind::kTimes, "."));
  report.at_next_start = false;
  EXPECT_FALSE(meant(DifferenceKind::kMissing, "Windows/x.dll"));
  EXPECT_TRUE(meant(DifferenceKind::kTimes, "Windows/x.dll"));
}

}  // namespace
}  // namespace tapir::test
