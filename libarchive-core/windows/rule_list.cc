#include "tapir/windows/rule_list.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"
#include "windows/finding_list.h"
#include "windows/registry_tree.h"
#include "windows/rule_text.h"
#include "windows/text_lines.h"

namespace tapir {
namespace {

constexpr std::u16string_view kValueOfRules = u"rule file";
constexpr size_t kMostRuleUnits = 32'767;

class ListReader {
 public:
  RuleList Read(ByteSpan text) {
    const std::optional<TextStart> start = StartOfText(text);
    if (text.size() > kMostRuleListBytes) {
      Say("a text of more than 1 MiB");
    } else if (!start || start->encoding != TextEncoding::kUtf8) {
      Say("text that is not UTF-8");
    } else {
      TextLines lines(text, *start);
      while (lines.Next(line_)) ReadLine();
    }
    return Take();
  }

 private:
  void Say(std::string_view what) {
    findings_.Add({line_.offset, Severity::kReject,
                   "line " + std::to_string(line_.number) + ": " + std::string(what)});
  }

  void ReadLine() {
    if (!line_.fault.empty()) return Say(line_.fault);
    if (line_.text.size() > kMostRuleUnits) return Say("more than 32,767 characters");
    const std::string text = Wtf8(line_.text);
    const std::string_view line = Trimmed(text);
    if (line.empty() || line.starts_with('#')) return;
    if (line.starts_with('[')) {
      section_ = FindRuleSection(line);
      if (section_ == nullptr) Say("a section of another name, which is left out");
    } else if (section_ == &kEnvironmentSection) {
      ReadVariable(line);
    } else if (section_ != nullptr) {
      entries_[section_].emplace_back(line);
    }
  }

  void ReadVariable(std::string_view line) {
    const size_t equals = line.find('=');
    const std::string_view name = Trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) return Say("no NAME=VALUE");
    // As the registry has those that name others.
    Put(kEnvironmentSection, Utf16(name).value_or(u""), kRegExpandSz,
        {std::string(Trimmed(line.substr(equals + 1)))});
  }

  // Lines without NUL can be stored.
  void Put(const RuleSection& section, std::u16string_view name, uint32_t type,
           const std::vector<std::string>& strings) {
    RegistryTree::Node* key =
        tree_.Make({u"ControlSet001", u"Control", section.parent, section.key});
    tree_.SetValue(*key, MakeRegistryStrings(name, type, strings).value());
  }

  RuleList Take() {
    for (const auto& [section, entries] : entries_) {
      Put(*section, kValueOfRules, kRegMultiSz, entries);
    }
    tree_.Make({u"ControlSet001"});
    RegistryTree::Node* select = tree_.Make({u"Select"});
    for (const std::u16string_view name : {u"Current", u"Default", u"LastKnownGood"}) {
      tree_.SetValue(*select, MakeRegistryNumber(name, 1));
    }
    tree_.SetValue(*select, MakeRegistryNumber(u"Failed", 0));
    return {tree_.Take(), findings_.Take()};
  }

  TextLine line_{.number = 1};
  const RuleSection* section_ = &kRuleSections.front();
  std::map<const RuleSection*, std::vector<std::string>> entries_;
  // The text is bounded.
  RegistryTree tree_{SIZE_MAX};
  FindingList findings_;
};

}  // namespace

RuleList ReadRuleList(std::span<const std::byte> text) { return ListReader().Read(text); }

}  // namespace tapir
