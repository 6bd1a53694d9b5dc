#include "tapir/windows/backup_value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tapir/windows/registry_text.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

const BackupValue& Known(std::string_view name) { return *FindBackupValue(name); }

CheckedBackupValue CheckedNumber(std::string_view name, uint32_t number) {
  return CheckBackupValue(Known(name), MakeRegistryNumber(u"", number));
}

CheckedBackupValue CheckedTexts(std::string_view name, const std::vector<std::string>& texts) {
  return CheckBackupValue(Known(name), *MakeRegistryStrings(u"", Known(name).type, texts));
}

TEST(RegistryText, StringsComeBack) {
  for (const std::vector<std::string>& strings :
       {std::vector<std::string>{}, {"a"}, {"\\Pagefile.sys", "\xc3\xa4 \xed\xa0\x80"}}) {
    const auto value = MakeRegistryStrings(u"n", kRegMultiSz, strings);
    EXPECT_EQ(RegistryStrings(*value), strings);
  }
  EXPECT_EQ(MakeRegistryStrings(u"n", kRegMultiSz, {"a", "b"})->data,
            std::string("a\0\0\0b\0\0\0\0\0", 10));
  EXPECT_EQ(MakeRegistryStrings(u"n", kRegSz, {"a"})->data, std::string("a\0\0\0", 4));
  EXPECT_EQ(RegistryStrings(*MakeRegistryStrings(u"n", kRegExpandSz, {""})),
            std::vector<std::string>{""});
  EXPECT_FALSE(MakeRegistryStrings(u"n", kRegMultiSz, {"a", ""}));
  EXPECT_FALSE(MakeRegistryStrings(u"n", kRegSz, {"a", "b"}));
  EXPECT_FALSE(MakeRegistryStrings(u"n", kRegSz, {std::string("a\0b", 3)}));
  EXPECT_FALSE(MakeRegistryStrings(u"n", kRegDword, {"a"}));
}

TEST(RegistryText, WhatProgramsLeaveOutIsNotMissed) {
  const auto read = [](uint32_t type, const std::string& data) {
    return *RegistryStrings({u"", type, data});
  };
  using Strings = std::vector<std::string>;
  EXPECT_EQ(read(kRegMultiSz, std::string("a\0\0\0b\0", 6)), (Strings{"a", "b"}));
  EXPECT_EQ(read(kRegMultiSz, std::string("a\0\0\0b\0\0", 7)), (Strings{"a", "b"}));
  EXPECT_EQ(read(kRegMultiSz, std::string("\0\0b\0\0\0", 6)), Strings{});
  EXPECT_EQ(read(kRegMultiSz, ""), Strings{});
  EXPECT_EQ(read(kRegSz, std::string("a\0b\0", 4)), Strings{"ab"});
  EXPECT_EQ(read(kRegSz, std::string("a\0\0\0b\0", 6)), Strings{"a"});
  EXPECT_EQ(read(kRegSz, ""), Strings{""});
  EXPECT_FALSE(RegistryStrings({u"", kRegDword, "1234"}));
}

TEST(BackupValue, NumbersOutOfTheirRangeSayWhatApplies) {
  EXPECT_EQ(CheckedNumber("DisableMonitoring", 1).problem, "");
  EXPECT_EQ(CheckedNumber("DisableMonitoring", 2).applies, "0");
  EXPECT_EQ(CheckedNumber("IdleTimeout", 0).applies, "180 seconds");
  EXPECT_EQ(CheckedNumber("IdleTimeout", UINT32_MAX).problem, "");
  for (const uint32_t good : {1u, 512u})
    EXPECT_EQ(CheckedNumber("MaxShadowCopies", good).problem, "");
  for (const uint32_t bad : {0u, 513u})
    EXPECT_EQ(CheckedNumber("MaxShadowCopies", bad).applies, "64");
  EXPECT_EQ(CheckedNumber("MinDiffAreaFileSize", 320).problem, "");
  EXPECT_EQ(CheckedNumber("MinDiffAreaFileSize", 321).applies, "352 MB");
  EXPECT_EQ(CheckedNumber("MinDiffAreaFileSize", UINT32_MAX).applies, "4294967296 MB");
  EXPECT_NE(CheckedNumber("OverallPerformanceSetting", 4).problem, "");
  EXPECT_EQ(CheckBackupValue(Known("IdleTimeout"), {u"", kRegSz, ""}).problem, "no REG_DWORD");
  EXPECT_EQ(CheckBackupValue(Known("IdleTimeout"), {u"", kRegDword, "123"}).problem,
            "no REG_DWORD");
}

TEST(BackupValue, TextsOfAForm) {
  const std::string guid = "01234567-89ab-cdef-0123-456789abcdef";
  EXPECT_EQ(CheckedTexts("RestoredVolumes", {"\\\\?\\Volume{" + guid + "}"}).problem, "");
  for (const std::string& bad : {"\\\\?\\Volume{" + guid + "}\\", "Volume{" + guid + "}",
                                 std::string("\\\\?\\Volume{}"), std::string("\\\\?\\Volume{")}) {
    EXPECT_NE(CheckedTexts("RestoredVolumes", {bad}).problem, "") << bad;
  }
  EXPECT_EQ(CheckedTexts("CustomPerformanceSettings", {guid + ",1", guid + ",2"}).problem, "");
  EXPECT_EQ(CheckedTexts("CustomPerformanceSettings", {"0" + guid + ",1"}).applies, guid);
  for (const std::string& bad : {guid, guid + ",3", guid.substr(1) + ",1", std::string(",1")}) {
    EXPECT_NE(CheckedTexts("CustomPerformanceSettings", {bad}).problem, "") << bad;
  }
  EXPECT_EQ(CheckedTexts("SYSVOL", {"Authoritative"}).problem, "");
  EXPECT_EQ(CheckedTexts("SYSVOL", {"yes"}).applies, "non-authoritative");
  EXPECT_EQ(CheckedTexts("LastRestoreId", {"anything"}).problem, "");
}

TEST(BackupValue, EntriesOfListsMayBeOneString) {
  const RegistryValue one = *MakeRegistryStrings(u"Vendor", kRegSz, {"\\a"});
  EXPECT_EQ(CheckBackupValue(Known("FilesNotToBackup"), one).problem, "");
  EXPECT_NE(CheckBackupValue(Known("RestoredVolumes"), one).problem, "");
  EXPECT_NE(CheckBackupValue(Known("FilesNotToBackup"), MakeRegistryNumber(u"", 1)).problem, "");
}

TEST(BackupValue, WhatIsWrittenIsCheckedAndRounded) {
  const auto made = [](std::string_view name, const std::vector<std::string>& texts) {
    return MakeBackupValue(Known(name), texts);
  };
  EXPECT_EQ(test::Value(made("idletimeout", {"0x10"})), MakeRegistryNumber(u"IdleTimeout", 16));
  EXPECT_EQ(test::Value(made("MinDiffAreaFileSize", {"33"})).number(), 64u);
  EXPECT_EQ(test::Value(made("SYSVOL", {"authoritative"})).type, kRegSz);
  for (const std::vector<std::string>& bad :
       {std::vector<std::string>{}, {"1", "2"}, {"x"}, {"-1"}, {"0x"}, {"4294967296"}, {"513"}}) {
    EXPECT_FALSE(made("MaxShadowCopies", bad).ok());
  }
  EXPECT_FALSE(made("MinDiffAreaFileSize", {"4294967295"}).ok());
  EXPECT_FALSE(made("FilesNotToBackup", {"\\a"}).ok());
  EXPECT_EQ(FindBackupValue("nothing"), nullptr);
  EXPECT_EQ(BackupValues().size(), 14u);
}

}  // namespace
}  // namespace tapir
