#include "tapir/windows/file_rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/slow_wildcard.h"

namespace tapir {
namespace {

const std::string kVssDatabase = "{3808876B-C176-4e48-B7AE-04046E6CC752}";
const std::string kBitLocker = "FVE.{e40ad34d-dae9-4bc7-95bd-b16218c10f72}";

RuleContext Context() {
  RuleContext context;
  context.variable = [](std::string_view name) -> std::optional<std::string> {
    static const std::map<std::string, std::string> kValues = {
        {"systemroot", "C:\\Windows"},
        {"windir", "C:\\Windows"},
        {"temp", "C:\\Users\\op\\Temp"},
        {"userprofile", "C:\\Users\\op"},
    };
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto found = kValues.find(lower);
    return found == kValues.end() ? std::nullopt : std::optional(found->second);
  };
  context.profiles = {"C:\\Users\\op", "C:\\Users\\ann"};
  return context;
}

// "C:\..." of a file, or with a '\' behind it of a directory.
bool Takes(const std::string& entry, std::string path, const RuleContext& context) {
  const bool is_directory = path.ends_with('\\');
  if (is_directory) path.pop_back();
  std::string rest = path.substr(3);
  std::replace(rest.begin(), rest.end(), '\\', '/');
  const std::optional<RuledPath> ruled =
      MakeRuledPath(rest, static_cast<char16_t>(path[0]), is_directory);
  const ParsedRule parsed = ParseFileRule(entry, context);
  return std::any_of(parsed.rules.begin(), parsed.rules.end(),
                     [&](const FileRule& rule) { return rule.Takes(*ruled); });
}

struct Example {
  std::string entry;
  std::string path;
  bool win32;
  bool plain;
};

void ExpectAll(const std::vector<Example>& examples, RuleContext context) {
  for (const Example& example : examples) {
    context.mode = Wildcard::Mode::kWin32;
    EXPECT_EQ(Takes(example.entry, example.path, context), example.win32)
        << example.entry << " and " << example.path;
    context.mode = Wildcard::Mode::kPlain;
    EXPECT_EQ(Takes(example.entry, example.path, context), example.plain)
        << example.entry << " and, plain, " << example.path;
  }
}

TEST(FileRule, EntriesOfFilesNotToBackup) {
  const std::string volume_information = "C:\\System Volume Information\\";
  const std::string vss = "\\System Volume Information\\*" + kVssDatabase + " /s";
  ExpectAll(
      {
          {"\\Pagefile.sys", "C:\\pagefile.sys", true, true},
          {"\\Pagefile.sys", "D:\\pagefile.sys", true, true},
          {"\\Pagefile.sys", "D:\\old\\pagefile.sys", false, false},
          {"C:\\Pagefile.sys", "D:\\pagefile.sys", false, false},
          {"%SystemRoot%\\netlogon.chg", "C:\\Windows\\netlogon.chg", true, true},
          {"%TEMP%\\* /s", "C:\\Users\\op\\Temp\\a\\b\\c.tmp", true, true},
          {"%TEMP%\\* /s", "C:\\Users\\op\\Temp\\", false, false},
          {"%TEMP%\\*", "C:\\Users\\op\\Temp\\a\\c.tmp", false, false},
          {"%TEMP%\\*", "C:\\Users\\op\\Temp\\c.tmp", true, true},
          {"\\SIS Common Store\\*.* /s", "D:\\SIS Common Store\\x.sis", true, true},
          {"\\SIS Common Store\\*.* /s", "D:\\SIS Common Store\\NoExtension", true, true},
          {vss, volume_information + "{1f12}" + kVssDatabase, true, true},
          {vss, volume_information + "{1f12}" + kVssDatabase + "x", false, false},
          {"%SystemRoot%\\debug\\NtFrs*", "C:\\Windows\\debug\\NtFrs_0001.log", true, true},
          {"%SystemRoot%\\debug\\NtFrs*", "C:\\Windows\\debug\\sub\\NtFrs_1.log", false, false},
          {"%UserProfile%\\index.dat /s", "C:\\Users\\op\\AppData\\x\\index.dat", true, true},
          {"%UserProfile%\\index.dat /s", "C:\\Users\\other\\index.dat", false, false},
          {"D:\\Data\\Scratch", "D:\\Data\\Scratch\\a\\b", true, true},
          {"D:\\Data\\Scratch", "D:\\Data\\Scratch\\", true, true},
          {"D:\\Data\\Scratch", "D:\\Data\\Scratch2\\a", false, false},
          {"D:\\Data\\*\\cache.db", "D:\\Data\\u1\\cache.db", false, false},
          {"D:\\Data\\cache?.db", "D:\\Data\\cache1.db", true, true},
          {"D:\\Data\\cache?.db", "D:\\Data\\cache.db", true, false},
          {"D:\\Data\\*. /s", "D:\\Data\\x\\README", true, false},
          {"D:\\Data\\*. /s", "D:\\Data\\x\\README.txt", false, false},
          {"%NOPE%\\*.tmp /S", "C:\\a.tmp", false, false},
          {"hiberfil.sys", "C:\\hiberfil.sys", false, false},
          {"\\$Extend\\* /s", "E:\\$Extend\\$RmMetadata\\$Txf\\1", true, true},
          {"%windir%\\SoftwareDistribution\\*.* /s",
           "C:\\Windows\\SoftwareDistribution\\Download\\ab", true, true},
          {"Temporary Files", "C:\\Temporary Files", false, false},
          {"\\System Volume Information\\" + kBitLocker + ".*", volume_information + kBitLocker,
           true, false},
      },
      Context());
}

TEST(FileRule, EntriesOfFilesNotToSnapshot) {
  RuleContext context = Context();
  context.for_snapshots = true;
  const std::string outlook = "$UserProfile$\\AppData\\Local\\Microsoft\\Outlook\\*.ost";
  const std::string of_ann = "C:\\Users\\ann\\AppData\\Local\\Microsoft\\Outlook\\a.OST";
  ExpectAll({{"$AllVolumes$\\TemporaryFiles\\*.* /s", "E:\\TemporaryFiles\\a\\b", true, true},
             {"$allvolumes$\\TemporaryFiles\\*.* /s", "D:\\Data\\TemporaryFiles\\a", false, false},
             {outlook, of_ann, true, true},
             {outlook, "C:\\Users\\gone\\AppData\\Local\\Microsoft\\Outlook\\a.ost", false, false},
             {"C:\\x\\$AllVolumes$\\*.tmp", "C:\\x\\a.tmp", false, false}},
            context);
  context.profiles.clear();
  EXPECT_FALSE(Takes(outlook, of_ann, context));
  EXPECT_FALSE(Takes(outlook, of_ann, Context()));
}

TEST(FileRule, SpellingsOfOneEntry) {
  for (const char* entry :
       {"C:\\a b\\c", "  C:\\a b\\c\t", "\"C:\\a b\\c\"", "C:/a b/c", "C:\\\\a b\\\\c",
        "C:\\a b\\c\\", "\\\\?\\C:\\a b\\c", "c:\\A B\\C", "C:\\a b\\c  /s", "C:\\a b\\c\t/S"}) {
    EXPECT_TRUE(Takes(entry, "C:\\a b\\c", Context())) << entry;
    EXPECT_EQ(ParseFileRule(entry, Context()).warning, "") << entry;
  }
  EXPECT_FALSE(Takes("C:\\a b\\c/s", "C:\\a b\\c", Context()));
  EXPECT_TRUE(Takes("\\Straße\\ÄPFEL", "C:\\straße\\äpfel", Context()));
}

TEST(FileRule, WhatStandsForNothingSaysWhy) {
  const std::map<std::string, std::string> wrong = {{"", "is empty"},

                                                    {"C:\\", "names a whole volume"},
                                                    {"\\", "names a whole volume"},
                                                    {"C:", "names a whole volume"},
                                                    {"a\\b", "names no place"},
                                                    {"C:a", "names no place"},
                                                    {"%NOPE%\\a", "names %"},
                                                    {"%%\\a", "names %"},
                                                    {"\\*\\a", "has wildcards"},
                                                    {"\\a\\\xff", "is not UTF-8"}};
  for (const auto& [entry, why] : wrong) {
    const ParsedRule parsed = ParseFileRule(entry, Context());
    EXPECT_TRUE(parsed.rules.empty()) << entry;
    EXPECT_TRUE(parsed.warning.starts_with(why)) << entry << ": " << parsed.warning;
  }
}

TEST(Wildcard, AgreesWithTryingEverything) {
  std::mt19937 random(1);
  const std::u16string_view letters = u"ab.*?";
  const std::u16string_view names = u"aB.";
  uint64_t matched = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::u16string pattern;
    std::u16string name;
    for (size_t i = random() % 7; i > 0; --i) pattern += letters[random() % letters.size()];
    for (size_t i = random() % 7; i > 0; --i) name += names[random() % names.size()];
    for (const bool win32 : {false, true}) {
      const auto mode = win32 ? Wildcard::Mode::kWin32 : Wildcard::Mode::kPlain;
      const bool wanted = pattern == u"*.*" || test::MatchesSlowly(pattern, name, win32);
      matched += wanted ? 1 : 0;
      ASSERT_EQ(Wildcard(pattern, mode).Matches(name), wanted)
          << std::string(pattern.begin(), pattern.end()) << " and "
          << std::string(name.begin(), name.end()) << (win32 ? " by Win32" : "");
    }
  }
  EXPECT_GT(matched, 10'000u);
}

TEST(Wildcard, ManyStarsAreNoTrap) {
  std::u16string pattern;
  for (int i = 0; i < 100; ++i) pattern += u"*a";
  EXPECT_FALSE(Wildcard(pattern + u"b").Matches(std::u16string(255, u'a')));
}

}  // namespace
}  // namespace tapir
