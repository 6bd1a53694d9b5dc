#include "tapir/windows/key_rule.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

RegistryValue Text(std::u16string_view name, const std::string& data) {
  return {std::u16string(name), kRegSz, data};
}

RegistryValue Number(std::u16string_view name, uint32_t number) {
  RegistryValue value{std::u16string(name), kRegDword, {}};
  WriteCursor(value.data).U32(number);
  return value;
}

// A SYSTEM hive whose control set of this number is the current one and that of the next start.
RegistryKey Hive(uint32_t set = 1) {
  RegistryKey hive;
  hive.Make(u"Select").SetValue(Number(u"Current", set));
  hive.Make(u"Select").SetValue(Number(u"Default", set));
  hive.Make(set == 1 ? u"ControlSet001" : u"ControlSet002");
  return hive;
}

std::string DataAt(const RegistryKey& hive, std::u16string_view key, std::u16string_view value) {
  const RegistryKey* found = hive.Find(key);
  if (found == nullptr) return "no key";
  return found->value(value) == nullptr ? "no value" : found->value(value)->data;
}

std::vector<KeyDecision> Keep(const RegistryKey& existing, RegistryKey& restored,
                              std::u16string_view entry) {
  return test::Value(KeepKeys(existing, restored, {test::Value(ParseKeyRule(entry))}));
}

const std::u16string kServices = u"CurrentControlSet\\Services\\*";
const std::u16string kService = u"ControlSet001\\Services\\X";

TEST(KeyRule, EntriesAreReadInAllTheirForms) {
  using RuleKind = KeyRule::Kind;
  const auto parsed = [](std::u16string_view entry) { return test::Value(ParseKeyRule(entry)); };
  EXPECT_EQ(parsed(u"MountedDevices\\"), (KeyRule{RuleKind::kReplaceKey, u"MountedDevices", u""}));
  EXPECT_EQ(parsed(u"HKEY_Local_Machine\\System\\Disk\\"),
            (KeyRule{RuleKind::kReplaceKey, u"Disk", u""}));
  EXPECT_EQ(parsed(u"HKLM\\SYSTEM\\a\\b\\*"), (KeyRule{RuleKind::kMergeKey, u"a\\b", u""}));
  EXPECT_EQ(parsed(u"system\\a\\*"), (KeyRule{RuleKind::kMergeKey, u"a", u""}));
  EXPECT_EQ(parsed(u" \\Setup\\SystemPartition"),
            (KeyRule{RuleKind::kPreserveValue, u"Setup", u"SystemPartition"}));
  EXPECT_EQ(parsed(u"MountedDevices"), (KeyRule{RuleKind::kPreserveValue, u"", u"MountedDevices"}));
  for (const std::u16string_view wrong :
       {u"", u"  ", u"\\", u"*", u"HKLM\\SYSTEM\\", u"a\\\\b\\", u"a\\\\", u"a\\\\*"}) {
    EXPECT_FALSE(ParseKeyRule(wrong).ok());
  }
}

TEST(KeyRule, TheUnionHasEachOnce) {
  const KeyRule disk = test::Value(ParseKeyRule(u"Disk\\"));
  const KeyRule other = test::Value(ParseKeyRule(u"DISK\\"));
  const KeyRule value = test::Value(ParseKeyRule(u"Disk"));
  EXPECT_EQ(UnionOf({disk, value}, {other, value}), (std::vector<KeyRule>{disk, value}));
}

TEST(KeyRule, AKeyIsReplaced) {
  RegistryKey existing = Hive();
  RegistryKey restored = Hive();
  existing.Make(u"MountedDevices").SetValue(Text(u"\\DosDevices\\C:", "A"));
  restored.Make(u"MountedDevices").SetValue(Text(u"\\DosDevices\\C:", "B"));
  restored.Make(u"MountedDevices").SetValue(Text(u"\\DosDevices\\D:", "C"));
  Keep(existing, restored, u"MountedDevices\\");
  EXPECT_EQ(*restored.Find(u"MountedDevices"), *existing.Find(u"MountedDevices"));
  // What the target has not stays.
  restored.Make(u"Disk").SetValue(Text(u"Information", "I"));
  EXPECT_EQ(Keep(existing, restored, u"Disk\\").front().text,
            "not on the target: left as restored");
  EXPECT_EQ(DataAt(restored, u"Disk", u"information"), "I");
}

TEST(KeyRule, ServicesAreMerged) {
  RegistryKey existing = Hive();
  existing.Make(kService).SetValue(Number(u"Start", 0));
  existing.Make(kService).SetValue(Text(u"ImagePath", "theirs"));
  RegistryKey restored = Hive();
  restored.Make(u"ControlSet001\\Services\\Y").SetValue(Number(u"Start", 2));
  Keep(existing, restored, kServices);
  EXPECT_EQ(DataAt(restored, kService, u"ImagePath"), "theirs");
  EXPECT_EQ(restored.Find(u"ControlSet001\\Services\\y")->value(u"start")->number(), 2u);
}

TEST(KeyRule, TheLowerStartWins) {
  const auto merged = [](uint32_t theirs, uint32_t ours) {
    RegistryKey existing = Hive();
    existing.Make(kService).SetValue(Number(u"Start", theirs));
    existing.Make(kService).SetValue(Text(u"ImagePath", "theirs"));
    RegistryKey restored = Hive();
    restored.Make(kService).SetValue(Number(u"Start", ours));
    restored.Make(kService).SetValue(Text(u"ImagePath", "ours"));
    Keep(existing, restored, kServices);
    EXPECT_EQ(DataAt(restored, kService, u"ImagePath"), "ours");
    return restored.Find(kService)->value(u"Start")->number().value();
  };
  EXPECT_EQ(merged(0, 3), 0u);
  EXPECT_EQ(merged(4, 2), 2u);
}

TEST(KeyRule, AStartThatOnlyTheTargetHasBringsAllOfTheKey) {
  RegistryKey existing = Hive();
  existing.Make(kService).SetValue(Number(u"Start", 1));
  existing.Make(kService + u"\\Parameters").SetValue(Text(u"p", "theirs"));
  RegistryKey restored = Hive();
  restored.Make(kService).SetValue(Text(u"ImagePath", "ours"));
  Keep(existing, restored, kServices);
  EXPECT_EQ(*restored.Find(kService), *existing.Find(kService));
}

TEST(KeyRule, AValueIsPreserved) {
  RegistryKey existing = Hive();
  RegistryKey restored = Hive();
  existing.Make(u"Setup").SetValue(Text(u"SystemPartition", "Volume1"));
  restored.Make(u"Setup").SetValue(Text(u"SystemPartition", "Volume2"));
  Keep(existing, restored, u"Setup\\SystemPartition");
  EXPECT_EQ(DataAt(restored, u"Setup", u"SystemPartition"), "Volume1");
  // Without the backslash it is a value of the root.
  restored.Make(u"MountedDevices").SetValue(Text(u"v", "B"));
  existing.Make(u"MountedDevices").SetValue(Text(u"v", "A"));
  Keep(existing, restored, u"MountedDevices");
  EXPECT_EQ(DataAt(restored, u"MountedDevices", u"v"), "B");
}

TEST(KeyRule, RenamingsThatAreNotToBeDoneAreRemoved) {
  const std::u16string manager = u"ControlSet001\\Control\\Session Manager";
  RegistryKey existing = Hive();
  RegistryKey restored = Hive();
  restored.Make(manager).SetValue(Text(u"PendingFileRenameOperations2", "old"));
  restored.Make(manager).SetValue(Text(u"AllowProtectedRenames", "1"));
  const std::u16string entry = u"CurrentControlSet\\Control\\Session Manager\\";
  Keep(existing, restored, entry + u"PendingFileRenameOperations2");
  Keep(existing, restored, entry + u"AllowProtectedRenames");
  EXPECT_EQ(DataAt(restored, manager, u"PendingFileRenameOperations2"), "no value");
  EXPECT_EQ(DataAt(restored, manager, u"AllowProtectedRenames"), "1");
}

TEST(KeyRule, ControlSetsOfBothSidesAreTheirOwn) {
  RegistryKey existing = Hive(1);
  RegistryKey restored = Hive(2);
  existing.Make(u"ControlSet001\\Control\\MSDTC\\ASR").SetValue(Text(u"a", "theirs"));
  restored.Make(u"ControlSet002\\Control\\MSDTC\\ASR\\b");
  const auto decisions = Keep(existing, restored, u"CURRENTCONTROLSET\\Control\\MSDTC\\ASR\\");
  EXPECT_EQ(DataAt(restored, u"ControlSet002\\Control\\MSDTC\\ASR", u"a"), "theirs");
  EXPECT_EQ(restored.Find(u"ControlSet002\\Control\\MSDTC\\ASR\\b"), nullptr);
  EXPECT_EQ(restored.Find(u"ControlSet001"), nullptr);
  EXPECT_EQ(decisions.front().key, u"ControlSet002\\Control\\MSDTC\\ASR");
}

TEST(KeyRule, KeysOfBothSidesAreMerged) {
  RegistryKey existing = Hive();
  RegistryKey restored = Hive();
  existing.Make(u"ControlSet001\\Services\\dmio\\boot info\\a");
  restored.Make(u"ControlSet001\\Services\\dmio\\boot info\\b");
  Keep(existing, restored, u"CurrentControlSet\\Services\\dmio\\boot info\\*");
  EXPECT_EQ(restored.Find(u"ControlSet001\\Services\\dmio\\boot info")->subkeys.size(), 2u);
}

TEST(KeyRule, WithoutAControlSetNothingIsDone) {
  RegistryKey sound = Hive();
  for (const uint32_t number : {0u, 7u, 1000u}) {
    RegistryKey hive = Hive();
    hive.Make(u"Select").SetValue(Number(u"Current", number));
    EXPECT_EQ(ControlSetName(hive, ControlSet::kCurrent).status().code(), StatusCode::kNotFound);
    EXPECT_EQ(test::Value(ControlSetName(hive, ControlSet::kDefault)), u"ControlSet001");
    EXPECT_FALSE(KeepKeys(hive, sound, {}).ok());
  }
  EXPECT_FALSE(KeepKeys(sound, *std::make_unique<RegistryKey>(), {}).ok());
}

TEST(RegistryKey, SubkeysStayInOrder) {
  RegistryKey key;
  for (const std::u16string_view name : {u"b", u"C", u"a", u"B", u"ä"}) key.Make(name);
  std::u16string names;
  for (const RegistryKey& one : key.subkeys) names += one.name;
  EXPECT_EQ(names, u"abCä");
}

TEST(RegistryKey, EqualIsWhatHasEqualContents) {
  const auto make = [] {
    RegistryKey key(u"k");
    key.security = std::make_shared<const std::string>("descriptor");
    key.Make(u"sub").SetValue({u"v", 3, "data"});
    return key;
  };
  EXPECT_EQ(make(), make());
  const std::vector<std::function<void(RegistryKey&)>> changes = {
      [](RegistryKey& key) { key.name = u"other"; },
      [](RegistryKey& key) { key.last_written = 1; },
      [](RegistryKey& key) { key.class_name = u"c"; },
      [](RegistryKey& key) { key.flags = 1; },
      [](RegistryKey& key) { key.control_flags = 1; },
      [](RegistryKey& key) { key.access_bits = 1; },
      [](RegistryKey& key) { key.predefined_handle = 1; },
      [](RegistryKey& key) { key.security = nullptr; },
      [](RegistryKey& key) { key.security = std::make_shared<const std::string>(); },
      [](RegistryKey& key) { key.subkeys.clear(); },
      [](RegistryKey& key) { key.subkeys[0].values[0].flags = 1; },
      [](RegistryKey& key) { key.subkeys[0].values[0].data = "Data"; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    RegistryKey changed = make();
    changes[i](changed);
    EXPECT_FALSE(changed == make()) << i;
  }
}

}  // namespace
}  // namespace tapir
