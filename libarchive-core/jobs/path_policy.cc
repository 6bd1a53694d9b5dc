#include "tapir/jobs/path_policy.h"

#include <algorithm>
#include <utility>

#include "tapir/object/path_order.h"
#include "tapir/windows/environment.h"

namespace tapir {
namespace {

constexpr std::u16string_view kStoreName = u"SIS COMMON STORE";

// The directory of a path in the form of RuledPath.
std::u16string_view ParentOf(std::u16string_view path) {
  const size_t slash = path.rfind(u'\\');
  return path.substr(0, slash == std::u16string_view::npos ? 0 : slash);
}

// `inside` and then what follows the prefix in a path of the session.
std::string PathOnDrive(const PolicyDrive& drive, std::string_view path) {
  std::string_view rest;
  if (drive.prefix == ".") {
    rest = path == "." ? std::string_view() : path;
  } else if (path.size() > drive.prefix.size()) {
    rest = path.substr(drive.prefix.size() + 1);
  }
  if (drive.inside == ".") return std::string(rest);
  return rest.empty() ? drive.inside : drive.inside + "/" + std::string(rest);
}

}  // namespace

PathPolicy::PathPolicy(const PolicyManifest& manifest) : drives_(manifest.drives) {
  std::ranges::stable_sort(drives_, [](const PolicyDrive& left, const PolicyDrive& right) {
    const auto length = [](const PolicyDrive& drive) {
      return drive.prefix == "." ? 0 : drive.prefix.size();
    };
    return length(left) > length(right);
  });
  WindowsEnvironment environment;
  for (const PolicyVariable& variable : manifest.variables) {
    environment.Set(variable.name, variable.value);
  }
  RuleContext context;
  context.variable = [&](std::string_view name) { return environment.Value(name); };
  context.profiles = manifest.profiles;
  context.mode = manifest.plain_wildcards ? Wildcard::Mode::kPlain : Wildcard::Mode::kWin32;
  for (uint32_t number = 0; number < manifest.rules.size(); ++number) {
    const PolicyRule& rule = manifest.rules[number];
    const bool counts = rule.state == PolicyRule::State::kApplies &&
                        rule.list != PolicyRule::List::kKeysNotToRestore;
    if (!counts) continue;
    context.for_snapshots = rule.list == PolicyRule::List::kNotToSnapshot;
    for (FileRule& place : ParseFileRule(rule.text, context).rules) {
      by_directory_[place.directory()].push_back(rules_.size());
      rules_.push_back({number, std::move(place)});
    }
  }
}

bool PathPolicy::IsInCommonStore(const RuledPath& path) {
  const std::u16string_view first = std::u16string_view(path.path).substr(0, path.path.find(u'\\'));
  return first == kStoreName;
}

std::optional<RuledPath> PathPolicy::OnDrive(std::string_view path, bool is_directory) const {
  for (const PolicyDrive& drive : drives_) {
    const bool is_in = drive.prefix == "." || path == drive.prefix || IsBelow(path, drive.prefix);
    if (!is_in) continue;
    std::optional<char16_t> letter;
    if (drive.letter != 0) letter = drive.letter;
    return MakeRuledPath(PathOnDrive(drive, path), letter, is_directory);
  }
  return std::nullopt;
}

// A rule takes what is in its directory or somewhere below it.
void PathPolicy::ChooseFor(std::u16string_view parent) {
  if (chosen_for_ == parent) return;
  chosen_for_ = parent;
  chosen_.clear();
  for (std::u16string_view directory = parent;; directory = ParentOf(directory)) {
    const auto found = by_directory_.find(std::u16string(directory));
    if (found != by_directory_.end()) {
      chosen_.insert(chosen_.end(), found->second.begin(), found->second.end());
    }
    if (directory.empty()) break;
  }
  std::ranges::sort(chosen_);
}

std::optional<uint32_t> PathPolicy::RuleFor(std::string_view path, bool is_directory) {
  if (rules_.empty()) return std::nullopt;
  const std::optional<RuledPath> ruled = OnDrive(path, is_directory);
  if (!ruled || ruled->path.empty() || IsInCommonStore(*ruled)) return std::nullopt;
  ChooseFor(ParentOf(ruled->path));
  for (const size_t index : chosen_) {
    if (rules_[index].rule.Takes(*ruled)) return rules_[index].number;
  }
  return std::nullopt;
}

std::vector<uint32_t> PathPolicy::RulesFor(const RuledPath& path) const {
  std::vector<uint32_t> numbers;
  for (const NumberedRule& numbered : rules_) {
    const bool is_new = numbers.empty() || numbers.back() != numbered.number;
    if (is_new && numbered.rule.Takes(path)) numbers.push_back(numbered.number);
  }
  return numbers;
}

}  // namespace tapir
