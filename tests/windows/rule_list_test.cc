#include "tapir/windows/rule_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/file_rule.h"
#include "tapir/windows/key_rule.h"
#include "tapir/windows/policy_file.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"
#include "tests/support/registry_export_text.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using Strings = std::vector<std::string>;

RuleList ReadList(const std::string& text) { return ReadRuleList(AsBytes(text)); }

// The entries of a list, as they are found in a hive.
Strings EntriesOf(const RuleList& list, std::u16string_view name) {
  const std::u16string set = test::Value(ControlSetName(list.system, ControlSet::kDefault));
  const RegistryKey* key =
      list.system.Find(set + u"\\Control\\BackupRestore\\" + std::u16string(name));
  if (key == nullptr) return {};
  const RegistryValue* value = key->value(u"rule file");
  return value != nullptr ? RegistryStrings(*value).value_or(Strings{"not text"})
                          : Strings{"no value"};
}

std::string Variable(const RuleList& list, std::u16string_view name) {
  const RegistryKey* key =
      list.system.Find(u"ControlSet001\\Control\\Session Manager\\Environment");
  const RegistryValue* value = key != nullptr ? key->value(name) : nullptr;
  return value != nullptr ? RegistryStrings(*value).value().at(0) : "none";
}

TEST(RuleList, AllSections) {
  const RuleList list = ReadList(
      "# of the tests\n\\Pagefile.sys\n  %TEMP%\\* /s\t\r\n\n[filesnottosnapshot]\n"
      "$UserProfile$\\*.ost\n[KeysNotToRestore]\nMountedDevices\\\n[Environment]\nTEMP = C:\\T=1 \n"
      "temp=%SystemRoot%\\Temp\nempty=\n[FilesNotToBackup]\n  # last\n\\Größe#1");
  EXPECT_TRUE(list.findings.empty());
  EXPECT_EQ(EntriesOf(list, u"FilesNotToBackup"),
            (Strings{"\\Pagefile.sys", "%TEMP%\\* /s", "\\Größe#1"}));
  EXPECT_EQ(EntriesOf(list, u"FilesNotToSnapshot"), Strings{"$UserProfile$\\*.ost"});
  EXPECT_EQ(EntriesOf(list, u"KeysNotToRestore"), Strings{"MountedDevices\\"});
  EXPECT_EQ(Variable(list, u"TEMP"), "%SystemRoot%\\Temp");
  EXPECT_EQ(Variable(list, u"Empty"), "");
  EXPECT_EQ(test::Value(ControlSetName(list.system, ControlSet::kCurrent)), u"ControlSet001");
}

// The worked examples that are entries of their own, by way of a file.
TEST(RuleList, EntriesMeanWhatTheyMeanInAHive) {
  const RuleList list = ReadList(
      "\\Pagefile.sys\n%SystemRoot%\\netlogon.chg\nD:\\Data\\Scratch\nhiberfil.sys\n"
      "[KeysNotToRestore]\nCurrentControlSet\\Services\\*\n[Environment]\nSystemRoot=C:"
      "\\Windows\n");
  RuleContext context;
  context.variable = [&](std::string_view name) -> std::optional<std::string> {
    return Variable(list, Utf16(name).value());
  };
  std::vector<bool> takes;
  const auto wanted = {"pagefile.sys", "Windows/netlogon.chg", "Data/Scratch/a", "hiberfil.sys"};
  auto path = wanted.begin();
  for (const std::string& entry : EntriesOf(list, u"FilesNotToBackup")) {
    const char16_t drive = entry.starts_with('D') ? u'D' : u'C';
    const ParsedRule parsed = ParseFileRule(entry, context);
    const RuledPath ruled = MakeRuledPath(*path++, drive, false).value();
    takes.push_back(!parsed.rules.empty() && parsed.rules.front().Takes(ruled));
  }
  EXPECT_EQ(takes, (std::vector<bool>{true, true, true, false}));
  const std::string entry = EntriesOf(list, u"KeysNotToRestore").at(0);
  EXPECT_EQ(test::Value(ParseKeyRule(Utf16(entry).value())),
            (KeyRule{KeyRule::Kind::kMergeKey, u"CurrentControlSet\\Services", u""}));
}

TEST(RuleList, WrongLinesAreLeftOut) {
  const std::string text = std::string("\\a\n\\b\xff\n\\c\0\n", 11) +
                           "[Files]\n\\d\n[Environment\n" +
                           "[Environment]\nNAME\n = \nA=1\n[FilesNotToBackup]\n" +
                           std::string(32'768, 'x') + "\n" + std::string(32'767, 'x') + "\n";
  const RuleList list = ReadList(text);
  EXPECT_EQ(EntriesOf(list, u"FilesNotToBackup"), (Strings{"\\a", std::string(32'767, 'x')}));
  EXPECT_EQ(Variable(list, u"a"), "1");
  Strings said;
  for (const Finding& finding : list.findings) {
    said.push_back(finding.text);
    EXPECT_EQ(finding.severity, Severity::kReject);
  }
  EXPECT_EQ(said, (Strings{"line 2: text that is not UTF-8", "line 3: a NUL character",
                           "line 4: a section of another name, which is left out",
                           "line 6: a section of another name, which is left out",
                           "line 8: no NAME=VALUE", "line 9: no NAME=VALUE",
                           "line 12: more than 32,767 characters"}));
  EXPECT_EQ(list.findings.at(0).offset, 3u);
}

TEST(RuleList, OtherTexts) {
  EXPECT_EQ(EntriesOf(ReadList("\xef\xbb\xbf\\a"), u"FilesNotToBackup"), Strings{"\\a"});
  EXPECT_TRUE(EntriesOf(ReadList(""), u"FilesNotToBackup").empty());
  EXPECT_TRUE(ReadList("").findings.empty());
  for (const std::string& text : {test::InUtf16("\\a"), std::string("\xfe\xff\0\\", 4),
                                  std::string(kMostRuleListBytes + 1, '\n')}) {
    const RuleList list = ReadList(text);
    EXPECT_EQ(list.findings.size(), 1u);
    EXPECT_TRUE(EntriesOf(list, u"FilesNotToBackup").empty());
  }
  std::string many = "[Environment]\n";
  for (int i = 0; i < 100'000; ++i) many += "v" + std::to_string(i) + "=\n";
  EXPECT_EQ(Variable(ReadList(many), u"V99999"), "");
}

TEST(PolicyFile, ItsContentsTellWhatItIs) {
  const auto kind = [](const std::string& head) { return DetectPolicyFile(AsBytes(head)); };
  EXPECT_EQ(kind("regf\1\2"), PolicyFileKind::kHive);
  const std::string header = "Windows Registry Editor Version 5.00\r\n";
  for (const std::string& text : {header, "\xef\xbb\xbf" + header, test::InUtf16(header),
                                  std::string("REGEDIT4\n\"\xe4\"=\"\"\n")}) {
    EXPECT_EQ(kind(text), PolicyFileKind::kRegistryExport);
  }
  for (const char* text : {"\\a", "# a\r\n\r\n [environment] \r\n", "C:/x", "\xef\xbb\xbf%TEMP%\\*",
                           "$AllVolumes$\\a", "\"C:\\a b\" /s", "# only this"}) {
    EXPECT_EQ(kind(text), PolicyFileKind::kRuleList) << text;
  }
  for (const std::string& text :
       {std::string(), std::string("\n \n"), std::string("a"), std::string("[x]"),
        std::string("<?xml"), std::string("\\a\xff"), std::string("\\a\0", 3),
        std::string("\\a\n\x1b"), test::InUtf16("\\a"), std::string("\xfe\xff\0\\", 4),
        std::string("MZ\x90\0", 4), std::string("C"), std::string("re")}) {
    EXPECT_EQ(kind(text), PolicyFileKind::kUnknown) << text;
  }
  // A character that the head cuts, and one that the file does.
  const std::string before(kPolicyFileHeadBytes - 1, '\\');
  EXPECT_EQ(kind(before + "\xc3"), PolicyFileKind::kRuleList);
  EXPECT_EQ(kind(before.substr(1) + "\xc3"), PolicyFileKind::kUnknown);
  EXPECT_EQ(kind(before.substr(2) + "\xf0\x90\x80"), PolicyFileKind::kRuleList);
}

}  // namespace
}  // namespace tapir
