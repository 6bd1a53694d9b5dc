#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tapir {

/// Without spaces and tabs on either side.
inline std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

inline bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Letters of ASCII alone have no case.
inline bool StartsWithAnyCase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  return std::equal(prefix.begin(), prefix.end(), text.begin(), [](char left, char right) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(left) == lower(right);
  });
}

/// A section of a file of rules, and the key that has its lines, below Control of a control set.
struct RuleSection {
  std::string_view line;  ///< that begins it
  std::u16string_view parent;
  std::u16string_view key;
};

inline constexpr auto kRuleSections = std::to_array<RuleSection>({
    {"[FilesNotToBackup]", u"BackupRestore", u"FilesNotToBackup"},
    {"[FilesNotToSnapshot]", u"BackupRestore", u"FilesNotToSnapshot"},
    {"[KeysNotToRestore]", u"BackupRestore", u"KeysNotToRestore"},
    {"[Environment]", u"Session Manager", u"Environment"},
});
inline constexpr const RuleSection& kEnvironmentSection = kRuleSections.back();

/// The section that a line begins, in any case; null: none.
inline const RuleSection* FindRuleSection(std::string_view line) {
  for (const RuleSection& section : kRuleSections) {
    const bool same = line.size() == section.line.size() && StartsWithAnyCase(line, section.line);
    if (same) return &section;
  }
  return nullptr;
}

}  // namespace tapir
