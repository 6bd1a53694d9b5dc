#include "tapir/windows/key_rule.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::array<std::u16string_view, 3> kRoots = {u"HKEY_LOCAL_MACHINE\\SYSTEM\\",
                                                       u"HKLM\\SYSTEM\\", u"SYSTEM\\"};
constexpr std::u16string_view kCurrentControlSet = u"CURRENTCONTROLSET";
constexpr std::u16string_view kPendingRenames = u"PENDINGFILERENAMEOPERATIONS";
constexpr std::u16string_view kBlankUnits = u" \t";
constexpr uint32_t kMostControlSets = 999;

bool StartsWith(std::u16string_view text, std::u16string_view upper_prefix) {
  return text.size() >= upper_prefix.size() &&
         Upcase(text.substr(0, upper_prefix.size())) == upper_prefix;
}

std::u16string Joined(std::u16string_view key, std::u16string_view name) {
  std::u16string path(key);
  if (!path.empty()) path += u'\\';
  return path.append(name);
}

// CurrentControlSet at the front is a name for another key.
std::u16string Resolved(const std::u16string& key, const std::u16string& control_set) {
  const size_t length = kCurrentControlSet.size();
  const bool is_current =
      StartsWith(key, kCurrentControlSet) && (key.size() == length || key[length] == u'\\');
  return is_current ? control_set + key.substr(length) : key;
}

std::string_view SelectName(ControlSet which) {
  return which == ControlSet::kCurrent ? "Select\\Current" : "Select\\Default";
}

class Keeper {
 public:
  Keeper(const RegistryKey& existing, RegistryKey& restored, std::u16string existing_set,
         std::u16string restored_set)
      : existing_(existing),
        restored_(restored),
        existing_set_(std::move(existing_set)),
        restored_set_(std::move(restored_set)) {}

  void Apply(const KeyRule& rule) {
    const RegistryKey* from = existing_.Find(Resolved(rule.key, existing_set_));
    const std::u16string to = Resolved(rule.key, restored_set_);
    switch (rule.kind) {
      case KeyRule::Kind::kReplaceKey: Replace(rule, from, to); break;
      case KeyRule::Kind::kMergeKey: Merge(rule, from, to); break;
      case KeyRule::Kind::kPreserveValue: Preserve(rule, from, to); break;
    }
  }

  std::vector<KeyDecision> Take() { return std::move(decisions_); }

 private:
  void Say(const KeyRule& rule, std::u16string key, std::string text) {
    decisions_.push_back({rule, std::move(key), std::move(text)});
  }

  void Replace(const KeyRule& rule, const RegistryKey* from, const std::u16string& to) {
    if (from == nullptr) return Say(rule, to, "not on the target: left as restored");
    RegistryKey& key = restored_.Make(to);
    std::u16string name = std::exchange(key.name, {});
    key = *from;
    // Of another control set it may have another name.
    key.name = std::move(name);
    Say(rule, to, "kept from the target");
  }

  void Merge(const KeyRule& rule, const RegistryKey* from, const std::u16string& to) {
    if (from == nullptr) return Say(rule, to, "not on the target: left as restored");
    RegistryKey& key = restored_.Make(to);
    for (const RegistryKey& theirs : from->subkeys) {
      const std::u16string path = Joined(to, theirs.name);
      RegistryKey* ours = key.subkey(theirs.name);
      if (ours == nullptr) {
        key.SetSubkey(theirs);
        Say(rule, path, "added from the target");
      } else {
        MergeStart(rule, theirs, *ours, path);
      }
    }
  }

  void MergeStart(const KeyRule& rule, const RegistryKey& theirs, RegistryKey& ours,
                  const std::u16string& path) {
    const RegistryValue* their_start = theirs.value(u"Start");
    const RegistryValue* our_start = ours.value(u"Start");
    if (their_start == nullptr) return;
    if (our_start == nullptr) {
      ours = theirs;
      return Say(rule, path, "kept from the target, which alone has a value Start");
    }
    const std::optional<uint32_t> their_number = their_start->number();
    const std::optional<uint32_t> our_number = our_start->number();
    if (!their_number || !our_number || *their_number >= *our_number) return;
    ours.SetValue(*their_start);
    Say(rule, path, "as restored, with the lower Start of the target");
  }

  void Preserve(const KeyRule& rule, const RegistryKey* from, const std::u16string& to) {
    const RegistryValue* theirs = from != nullptr ? from->value(rule.value) : nullptr;
    const std::u16string path = Joined(to, rule.value);
    if (theirs != nullptr) {
      restored_.Make(to).SetValue(*theirs);
      return Say(rule, path, "kept from the target");
    }
    const bool is_pending = StartsWith(rule.value, kPendingRenames);
    const bool is_there = restored_.Find(to) != nullptr;
    if (is_pending && is_there && restored_.Make(to).RemoveValue(rule.value)) {
      return Say(rule, path, "not on the target: removed");
    }
    Say(rule, path, "not on the target: left as restored");
  }

  const RegistryKey& existing_;
  RegistryKey& restored_;
  std::u16string existing_set_;
  std::u16string restored_set_;
  std::vector<KeyDecision> decisions_;
};

}  // namespace

Result<KeyRule> ParseKeyRule(std::u16string_view entry) {
  while (!entry.empty() && kBlankUnits.find(entry.front()) != std::u16string_view::npos) {
    entry.remove_prefix(1);
  }
  for (const std::u16string_view root : kRoots) {
    if (!StartsWith(entry, root)) continue;
    entry.remove_prefix(root.size());
    break;
  }
  while (entry.starts_with(u'\\')) entry.remove_prefix(1);
  if (entry.empty()) return InvalidArgument("is empty, or stands for the whole hive");
  KeyRule rule;
  if (entry == u"*") return InvalidArgument("stands for all keys of the hive");
  if (entry.ends_with(u"\\*")) {
    rule.kind = KeyRule::Kind::kMergeKey;
    rule.key = entry.substr(0, entry.size() - 2);
  } else if (entry.ends_with(u'\\')) {
    rule.kind = KeyRule::Kind::kReplaceKey;
    rule.key = entry.substr(0, entry.size() - 1);
  } else {
    const size_t slash = entry.rfind(u'\\');
    const bool in_root = slash == std::u16string_view::npos;
    if (!in_root) rule.key = entry.substr(0, slash);
    rule.value = entry.substr(in_root ? 0 : slash + 1);
  }
  if (rule.key.find(u"\\\\") != std::u16string::npos || rule.key.ends_with(u'\\')) {
    return InvalidArgument("has an empty name of a key");
  }
  return rule;
}

std::vector<KeyRule> UnionOf(const std::vector<KeyRule>& first,
                             const std::vector<KeyRule>& second) {
  std::vector<KeyRule> all;
  std::vector<KeyRule> seen;
  for (const std::vector<KeyRule>* side : {&first, &second}) {
    for (const KeyRule& rule : *side) {
      KeyRule upper{rule.kind, Upcase(rule.key), Upcase(rule.value)};
      if (std::find(seen.begin(), seen.end(), upper) != seen.end()) continue;
      seen.push_back(std::move(upper));
      all.push_back(rule);
    }
  }
  return all;
}

Result<std::u16string> SelectedControlSet(const RegistryKey& system, ControlSet which) {
  const bool current = which == ControlSet::kCurrent;
  const RegistryKey* select = system.Find(u"Select");
  const RegistryValue* value =
      select != nullptr ? select->value(current ? u"Current" : u"Default") : nullptr;
  const uint32_t number = value != nullptr ? value->number().value_or(0) : 0;
  if (number == 0 || number > kMostControlSets) {
    return NotFound(std::string(SelectName(which)) + " names no control set");
  }
  std::string digits = std::to_string(number);
  digits.insert(0, 3 - digits.size(), '0');
  std::u16string name = u"ControlSet";
  name.append(digits.begin(), digits.end());
  return name;
}

Result<std::u16string> ControlSetName(const RegistryKey& system, ControlSet which) {
  TAPIR_ASSIGN_OR_RETURN(std::u16string name, SelectedControlSet(system, which));
  if (system.subkey(name) == nullptr) {
    return NotFound(std::string(SelectName(which)) + " names " + Wtf8(name) +
                    ", which is not there");
  }
  return name;
}

Result<std::vector<KeyDecision>> KeepKeys(const RegistryKey& existing, RegistryKey& restored,
                                          const std::vector<KeyRule>& rules) {
  TAPIR_ASSIGN_OR_RETURN(std::u16string existing_set,
                         ControlSetName(existing, ControlSet::kCurrent));
  TAPIR_ASSIGN_OR_RETURN(std::u16string restored_set,
                         ControlSetName(restored, ControlSet::kDefault));
  Keeper keeper(existing, restored, std::move(existing_set), std::move(restored_set));
  for (const KeyRule& rule : rules) keeper.Apply(rule);
  return keeper.Take();
}

}  // namespace tapir
