#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tapir/jobs/path_policy.h"
#include "tapir/jobs/policy_derivation.h"
#include "tests/jobs/registry_trees.h"

namespace tapir::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> TextsOf(const PolicyManifest& manifest, PolicyRule::State state) {
  std::vector<std::string> texts;
  for (const PolicyRule& rule : manifest.rules) {
    if (rule.state == state) texts.push_back(rule.text);
  }
  return texts;
}

TEST(PolicyDerivation, KeepsValuesAsTheyWereFound) {
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"Memory Page File", {"\\Pagefile.sys"});
  AddEntries(system, u"KeysNotToRestore", u"Mount Manager", {"MountedDevices\\"});
  system.Make(u"ControlSet001\\Services\\VSS\\Settings")
      .SetValue(MakeRegistryNumber(u"MaxShadowCopies", 64));
  const PolicyManifest manifest = PolicyOf(system);
  ASSERT_EQ(manifest.values.size(), 3u);
  EXPECT_EQ(manifest.values[0].key,
            "SYSTEM\\ControlSet001\\Control\\BackupRestore\\FilesNotToBackup");
  EXPECT_EQ(manifest.values[0].name, "Memory Page File");
  EXPECT_EQ(manifest.values[0].type, kRegMultiSz);
  EXPECT_EQ(manifest.values[2].name, "MaxShadowCopies");
  EXPECT_EQ(manifest.values[2].data, std::string("\x40\0\0\0", 4));
  EXPECT_THAT(manifest.warnings, IsEmpty());
  EXPECT_THAT(TextsOf(manifest, PolicyRule::State::kApplies),
              ElementsAre("\\Pagefile.sys", "MountedDevices\\"));
}

TEST(PolicyDerivation, VariablesComeFromTheHives) {
  RegistryKey system = SystemTree();
  SetText(system.Make(u"ControlSet001\\Control\\Session Manager\\Environment"), u"TEMP",
          "%SystemRoot%\\TEMP", kRegExpandSz);
  AddEntries(system, u"FilesNotToBackup", u"all",
             {"%TEMP%\\* /s", "%windir%\\x", "%ProgramData%\\y", "%UserProfile%\\index.dat /s",
              "%NOPE%\\z"});
  const PolicyManifest manifest = PolicyOf(system);
  std::vector<std::string> variables;
  for (const PolicyVariable& one : manifest.variables)
    variables.push_back(one.name + "=" + one.value);
  EXPECT_THAT(variables,
              UnorderedElementsAre("TEMP=C:\\Windows\\TEMP", "windir=C:\\Windows",
                                   "ProgramData=C:\\ProgramData",
                                   "UserProfile=C:\\Windows\\system32\\config\\systemprofile"));
  EXPECT_THAT(TextsOf(manifest, PolicyRule::State::kInert), ElementsAre("%NOPE%\\z"));
  EXPECT_THAT(manifest.rules.back().reason, HasSubstr("%NOPE%"));
  EXPECT_THAT(manifest.warnings, IsEmpty());
}

TEST(PolicyDerivation, WhatTheUserSaysIsKnownBetter) {
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"all", {"%SystemRoot%\\a", "%NOPE%\\z"});
  PathPolicy policy(
      PolicyOf(system, {.environment = {{"systemroot", "C:\\WINNT"}, {"NOPE", "C:\\yes"}}}));
  EXPECT_EQ(policy.RuleFor("WINNT/a", false), 0u);
  EXPECT_EQ(policy.RuleFor("Windows/a", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("yes/z", false), 1u);
}

TEST(PolicyDerivation, AHiveWithoutControlSetIsNamed) {
  RegistryKey system;
  AddEntries(system, u"FilesNotToBackup", u"x", {"\\x"});
  const PolicyManifest manifest = PolicyOf(system);
  EXPECT_THAT(manifest.rules, IsEmpty());
  EXPECT_THAT(manifest.warnings, ElementsAre(HasSubstr("Select\\Current")));
}

TEST(PolicyDerivation, AnExportHasTheControlSetByItsOwnName) {
  RegistryKey system;
  system.Make(u"CurrentControlSet\\Control\\BackupRestore\\FilesNotToBackup")
      .SetValue(*MakeRegistryStrings(u"x", kRegMultiSz, {"\\x"}));
  const PolicyManifest manifest = PolicyOf(system);
  ASSERT_EQ(manifest.rules.size(), 1u);
  EXPECT_EQ(manifest.values[0].key,
            "SYSTEM\\CurrentControlSet\\Control\\BackupRestore\\FilesNotToBackup");
}

TEST(PolicyDerivation, OtherTypesAreTakenAsOneStringOrNamed) {
  RegistryKey system = SystemTree();
  RegistryKey& list = system.Make(kBackupRestore + u"FilesNotToBackup");
  SetText(list, u"a", "\\one");
  SetText(list, u"b", "%SystemRoot%\\two", kRegExpandSz);
  list.SetValue({u"c", 3, "\\x"});
  system.Make(u"ControlSet001\\Services\\VSS\\Settings")
      .SetValue(MakeRegistryNumber(u"MaxShadowCopies", 1000));
  const PolicyManifest manifest = PolicyOf(system);
  EXPECT_THAT(TextsOf(manifest, PolicyRule::State::kApplies),
              ElementsAre("\\one", "%SystemRoot%\\two"));
  EXPECT_THAT(manifest.warnings, Contains(HasSubstr("is of type 3")));
  EXPECT_THAT(manifest.warnings, Contains(HasSubstr("not from 1 to 512; what applies: 64")));
}

TEST(PolicyDerivation, AWriterThatIsHereDecidesItself) {
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"Task Scheduler Writer", {"\\a"});
  AddEntries(system, u"FilesNotToSnapshot", u"Task Scheduler Writer", {"\\b"});
  const PolicyManifest manifest = PolicyOf(system, {.writers = {"task scheduler WRITER"}});
  EXPECT_THAT(TextsOf(manifest, PolicyRule::State::kWriterHere), ElementsAre("\\a"));
  EXPECT_THAT(TextsOf(manifest, PolicyRule::State::kApplies), ElementsAre("\\b"));
  PathPolicy policy(manifest);
  EXPECT_EQ(policy.RuleFor("a", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("b", false), 1u);
}

TEST(PolicyDerivation, ProfilesOfTheHiveUnlessTheyAreDisabled) {
  const std::string entry = "$UserProfile$\\AppData\\Local\\Microsoft\\Outlook\\*.ost";
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToSnapshot", u"OutlookOST", {entry});
  PathPolicy policy(PolicyOf(system));
  EXPECT_EQ(policy.RuleFor("Users/ann/AppData/Local/Microsoft/Outlook/a.OST", false), 0u);
  EXPECT_EQ(policy.RuleFor("Users/gone/AppData/Local/Microsoft/Outlook/a.ost", false),
            std::nullopt);
  system.Make(u"ControlSet001\\Services\\VSS\\Settings")
      .SetValue(MakeRegistryNumber(u"DisableUserProfileExpansion", 1));
  const PolicyManifest disabled = PolicyOf(system);
  EXPECT_THAT(TextsOf(disabled, PolicyRule::State::kInert), ElementsAre(entry));
  EXPECT_EQ(PathPolicy(disabled).RuleFor("Users/ann/AppData/Local/Microsoft/Outlook/a.OST", false),
            std::nullopt);
}

TEST(PathPolicy, DrivesAreWhereTheyLieInTheSession) {
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"x",
             {"\\Pagefile.sys", "D:\\Data\\Scratch", "E:\\t\\*"});
  PolicyManifest manifest = PolicyOf(system);
  manifest.drives = {
      {u'C', "mnt/c", "."}, {u'D', "mnt/d", "Data"}, {u'E', "mnt/c/e", "."}, {0, "x", "."}};
  PathPolicy policy(manifest);
  EXPECT_EQ(policy.RuleFor("mnt/c/PAGEFILE.SYS", false), 0u);
  EXPECT_EQ(policy.RuleFor("mnt/c/a/pagefile.sys", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("x/pagefile.sys", false), 0u);
  EXPECT_EQ(policy.RuleFor("pagefile.sys", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("mnt/d/Scratch/a/b", false), 1u);
  EXPECT_EQ(policy.RuleFor("mnt/d/Scratch", true), 1u);
  EXPECT_EQ(policy.RuleFor("mnt/d/Scratch2", true), std::nullopt);
  EXPECT_EQ(policy.RuleFor("mnt/c/e/t/x", false), 2u);
  EXPECT_EQ(policy.RuleFor("mnt/c/t/x", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("mnt/c", true), std::nullopt);
}

TEST(PathPolicy, NothingOfACommonStoreIsLeftOut) {
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"Single Instance Storage",
             {"\\SIS Common Store\\*.* /s", "\\*.tmp /s", "\\sis common store"});
  PathPolicy policy(PolicyOf(system));
  EXPECT_EQ(policy.RuleFor("SIS Common Store/1.sis", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("SIS common STORE/a.tmp", false), std::nullopt);
  EXPECT_EQ(policy.RuleFor("SIS Common Store", true), std::nullopt);
  EXPECT_EQ(policy.RuleFor("a/SIS Common Store/1.tmp", false), 1u);
}

// The lookup by directory has to say what trying every rule says.
TEST(PathPolicy, ChoosesAsTryingAllRulesDoes) {
  std::mt19937_64 random(7);
  const std::vector<std::string> names = {"a", "b", "ab", "*", "a*", "?", "*.*", "A"};
  for (int round = 0; round < 300; ++round) {
    RegistryKey system = SystemTree();
    std::vector<std::string> entries;
    for (int i = 0; i < 6; ++i) {
      std::string entry;
      for (uint64_t depth = random() % 3; depth > 0; --depth) entry += "\\" + names[random() % 3];
      entry += "\\" + names[random() % names.size()];
      if (random() % 2 == 0) entry += " /s";
      entries.push_back(entry);
    }
    AddEntries(system, u"FilesNotToBackup", u"x", entries);
    const PolicyManifest manifest = PolicyOf(system);
    PathPolicy policy(manifest);
    for (int i = 0; i < 40; ++i) {
      std::string path = names[random() % 3];
      for (uint64_t depth = random() % 4; depth > 0; --depth) path += "/" + names[random() % 3];
      const bool is_directory = random() % 2 == 0;
      std::optional<uint32_t> slow;
      const RuledPath ruled = *MakeRuledPath(path, u'C', is_directory);
      for (uint32_t number = 0; number < entries.size() && !slow; ++number) {
        for (const FileRule& rule : ParseFileRule(entries[number], {}).rules) {
          if (rule.Takes(ruled)) slow = number;
        }
      }
      EXPECT_EQ(policy.RuleFor(path, is_directory), slow) << path;
    }
  }
}

}  // namespace
}  // namespace tapir::test
