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
    if (!counts || rules_.size() > kMostPlaces) continue;
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

// Rules of this directory and of those above it, ascending.
std::vector<size_t> PathPolicy::RulesAbove(std::u16string_view directory) const {
  std::vector<size_t> found;
  for (;; directory = ParentOf(directory)) {
    const auto rules = by_directory_.find(std::u16string(directory));
    if (rules != by_directory_.end()) {
      found.insert(found.end(), rules->second.begin(), rules->second.end());
    }
    if (directory.empty()) break;
  }
  std::ranges::sort(found);
  return found;
}

std::optional<uint32_t> PathPolicy::FirstOf(const std::vector<size_t>& candidates,
                                            const RuledPath& path) const {
  if (path.path.empty() || IsInCommonStore(path)) return std::nullopt;
  for (const size_t index : candidates) {
    if (rules_[index].rule.Takes(path)) return rules_[index].number;
  }
  return std::nullopt;
}

// A rule that takes a directory takes all that is in it; others have to look at the name.
void PathPolicy::LookAt(std::string_view directory) {
  directory_.emplace();
  directory_->path = directory;
  const std::optional<RuledPath> ruled = OnDrive(directory, true);
  if (!ruled) return;
  const std::vector<size_t> above = RulesAbove(ruled->path);
  directory_->taken_by = FirstOf(above, *ruled);
  for (const size_t index : above) {
    const FileRule& rule = rules_[index].rule;
    const bool may_take_name = rule.below() || rule.directory() == ruled->path;
    if (may_take_name) directory_->candidates.push_back(index);
  }
}

std::optional<uint32_t> PathPolicy::RuleFor(std::string_view path, bool is_directory) {
  if (rules_.empty()) return std::nullopt;
  const bool begins_drive =
      std::ranges::any_of(drives_, [&](const PolicyDrive& drive) { return drive.prefix == path; });
  if (begins_drive) {
    const std::optional<RuledPath> ruled = OnDrive(path, is_directory);
    return ruled ? FirstOf(RulesAbove(ParentOf(ruled->path)), *ruled) : std::nullopt;
  }
  const size_t slash = path.rfind('/');
  const std::string_view directory =
      slash == std::string_view::npos ? std::string_view(".") : path.substr(0, slash);
  if (!directory_ || directory_->path != directory) LookAt(directory);
  if (directory_->candidates.empty()) return directory_->taken_by;
  const std::optional<RuledPath> ruled = OnDrive(path, is_directory);
  const std::optional<uint32_t> taken =
      ruled ? FirstOf(directory_->candidates, *ruled) : std::nullopt;
  if (!taken || !directory_->taken_by) return taken ? taken : directory_->taken_by;
  return std::min(*taken, *directory_->taken_by);
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
