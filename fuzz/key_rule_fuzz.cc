#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/support/require.h"
#include "tapir/windows/key_rule.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/upcase.h"

namespace {

using namespace tapir;
using fuzz::Require;

using Path = std::vector<std::u16string>;                // names in upper case
using Values = std::map<std::u16string, RegistryValue>;  // by name in upper case
using Flat = std::map<Path, Values>;                     // every key of a hive

constexpr auto kKeyNames = std::to_array<std::u16string_view>(
    {u"ControlSet001", u"ControlSet002", u"CurrentControlSet", u"Services", u"SERVICES", u"a"});
constexpr auto kValueNames =
    std::to_array<std::u16string_view>({u"Start", u"START", u"x", u"PendingFileRenameOperations2"});

// Small numbers out of the input, zeros behind its end.
class Choices {
 public:
  explicit Choices(std::span<const uint8_t> bytes) : rest_(bytes) {}
  size_t Below(size_t count) {
    if (rest_.empty()) return 0;
    const size_t choice = rest_.front() % count;
    rest_ = rest_.subspan(1);
    return choice;
  }
  template <typename List>
  std::u16string_view Of(const List& list) {
    return list[Below(list.size())];
  }

 private:
  std::span<const uint8_t> rest_;
};

std::u16string SomePath(Choices& choose) {
  std::u16string path;
  for (size_t levels = 1 + choose.Below(4); levels > 0; --levels) {
    path.append(path.empty() ? u"" : u"\\").append(choose.Of(kKeyNames));
  }
  return path;
}

RegistryKey SomeHive(Choices& choose) {
  RegistryKey hive;
  RegistryKey& select = hive.Make(u"Select");
  select.SetValue(MakeRegistryNumber(u"Current", static_cast<uint32_t>(choose.Below(3))));
  select.SetValue(MakeRegistryNumber(u"Default", static_cast<uint32_t>(choose.Below(3))));
  for (size_t count = choose.Below(16); count > 0; --count) {
    RegistryKey& key = hive.Make(SomePath(choose));
    if (choose.Below(3) == 0) continue;
    const std::u16string_view name = choose.Of(kValueNames);
    RegistryValue value = MakeRegistryNumber(name, static_cast<uint32_t>(choose.Below(5)));
    if (choose.Below(4) == 0) value.type = kRegSz;
    key.SetValue(std::move(value));
  }
  return hive;
}

void Flatten(const RegistryKey& key, const Path& path, Flat& flat) {
  Values& values = flat[path];
  for (const RegistryValue& value : key.values) {
    RegistryValue upper = value;
    upper.name = Upcase(value.name);
    Require(values.emplace(upper.name, upper).second, "two values of one name");
  }
  std::u16string last;
  for (const RegistryKey& subkey : key.subkeys) {
    Path below = path;
    below.push_back(Upcase(subkey.name));
    Require(last < below.back(), "keys out of order");
    last = below.back();
    Flatten(subkey, below, flat);
  }
}

Flat FlatOf(const RegistryKey& hive) {
  Flat flat;
  Flatten(hive, {}, flat);
  return flat;
}

Path SplitPath(std::u16string_view text) {
  Path path;
  while (!text.empty()) {
    const size_t slash = text.find(u'\\');
    path.push_back(Upcase(text.substr(0, slash)));
    text = slash == std::u16string_view::npos ? std::u16string_view() : text.substr(slash + 1);
  }
  return path;
}

const RegistryValue* ValueOf(const Flat& hive, const Path& path, std::u16string_view upper) {
  const auto key = hive.find(path);
  if (key == hive.end()) return nullptr;
  const auto value = key->second.find(std::u16string(upper));
  return value == key->second.end() ? nullptr : &value->second;
}

bool IsBelow(const Path& path, const Path& top) {
  return path.size() >= top.size() && std::equal(top.begin(), top.end(), path.begin());
}

// The keys of a registry that a rule changes, one by one.
class SlowKeeper {
 public:
  SlowKeeper(Flat existing, Flat restored)
      : existing_(std::move(existing)), restored_(std::move(restored)) {}

  bool FindControlSets() {
    existing_set_ = ControlSetOf(existing_, u"CURRENT");
    restored_set_ = ControlSetOf(restored_, u"DEFAULT");
    return !existing_set_.empty() && !restored_set_.empty();
  }

  void Apply(const KeyRule& rule) {
    const Path from = Resolved(rule.key, existing_set_);
    const Path to = Resolved(rule.key, restored_set_);
    const bool is_there = existing_.count(from) != 0;
    if (rule.kind == KeyRule::Kind::kPreserveValue) return Preserve(from, to, Upcase(rule.value));
    if (!is_there) return;
    if (rule.kind == KeyRule::Kind::kReplaceKey) return Copy(from, to);
    MakeWithParents(to);
    for (const auto& [path, values] : existing_) {
      if (path.size() != from.size() + 1 || !IsBelow(path, from)) continue;
      Path ours = to;
      ours.push_back(path.back());
      MergeOne(path, ours);
    }
  }

  const Flat& restored() const { return restored_; }

 private:
  static std::u16string ControlSetOf(const Flat& hive, std::u16string_view which) {
    const RegistryValue* value = ValueOf(hive, {u"SELECT"}, which);
    const std::optional<uint32_t> number = value != nullptr ? value->number() : std::nullopt;
    for (const uint32_t known : {1u, 2u}) {
      const std::u16string name = known == 1 ? u"CONTROLSET001" : u"CONTROLSET002";
      if (number == known && hive.count({name}) != 0) return name;
    }
    return {};
  }

  static Path Resolved(std::u16string_view key, const std::u16string& control_set) {
    Path path = SplitPath(key);
    if (!path.empty() && path.front() == u"CURRENTCONTROLSET") path.front() = control_set;
    return path;
  }

  void MakeWithParents(const Path& path) {
    Path at;
    for (const std::u16string& name : path) {
      at.push_back(name);
      restored_[at];
    }
  }

  void Copy(const Path& from, const Path& to) {
    std::erase_if(restored_, [&](const auto& key) { return IsBelow(key.first, to); });
    MakeWithParents(to);
    for (const auto& [path, values] : existing_) {
      if (!IsBelow(path, from)) continue;
      Path copy = to;
      copy.insert(copy.end(), path.begin() + static_cast<ptrdiff_t>(from.size()), path.end());
      restored_[copy] = values;
    }
  }

  void MergeOne(const Path& from, const Path& to) {
    if (restored_.count(to) == 0) return Copy(from, to);
    const RegistryValue* theirs = ValueOf(existing_, from, u"START");
    const RegistryValue* ours = ValueOf(restored_, to, u"START");
    if (theirs == nullptr) return;
    if (ours == nullptr) return Copy(from, to);
    const bool is_lower = theirs->number() && ours->number() && *theirs->number() < *ours->number();
    if (is_lower) restored_[to][u"START"] = *theirs;
  }

  void Preserve(const Path& from, const Path& to, const std::u16string& name) {
    const RegistryValue* theirs = ValueOf(existing_, from, name);
    const bool is_pending = name.starts_with(u"PENDINGFILERENAMEOPERATIONS");
    if (theirs != nullptr) {
      MakeWithParents(to);
      restored_[to][name] = *theirs;
    } else if (is_pending && restored_.count(to) != 0) {
      restored_[to].erase(name);
    }
  }

  Flat existing_;
  Flat restored_;
  std::u16string existing_set_;
  std::u16string restored_set_;
};

std::vector<KeyRule> SomeRules(Choices& choose) {
  std::vector<KeyRule> rules;
  for (size_t count = 1 + choose.Below(4); count > 0; --count) {
    KeyRule rule;
    rule.kind = static_cast<KeyRule::Kind>(choose.Below(3));
    const bool is_value = rule.kind == KeyRule::Kind::kPreserveValue;
    const bool in_root = is_value && choose.Below(4) == 0;
    if (!in_root) rule.key = SomePath(choose);
    if (is_value) rule.value = choose.Of(kValueNames);
    const bool is_merge = rule.kind == KeyRule::Kind::kMergeKey;
    std::u16string entry = choose.Below(2) == 0 ? u"" : u"hklm\\System\\";
    entry.append(rule.key).append(in_root ? u"" : u"\\").append(is_merge ? u"*" : rule.value);
    const Result<KeyRule> parsed = ParseKeyRule(entry);
    Require(parsed.ok() && *parsed == rule, "an entry is read otherwise");
    rules.push_back(std::move(rule));
  }
  return rules;
}

// The rest of the input as an entry.
void ReadAny(std::span<const uint8_t> bytes) {
  std::u16string entry;
  for (const uint8_t byte : bytes) entry += char16_t{byte};
  const Result<KeyRule> parsed = ParseKeyRule(entry);
  if (!parsed.ok()) return;
  const bool has_value = parsed->kind == KeyRule::Kind::kPreserveValue;
  Require(has_value ? !parsed->value.empty() : parsed->value.empty() && !parsed->key.empty(),
          "an entry for the whole hive");
}

}  // namespace

// Two small hives and some rules: what KeepKeys does, and what is done key by key, are the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  ReadAny(bytes);
  Choices choose(bytes);
  const RegistryKey existing = SomeHive(choose);
  RegistryKey restored = SomeHive(choose);
  const RegistryKey before = restored;
  const std::vector<KeyRule> rules = SomeRules(choose);
  Require(UnionOf(rules, rules) == UnionOf(rules, {}), "a union with itself that is larger");
  SlowKeeper slow(FlatOf(existing), FlatOf(restored));
  const bool has_sets = slow.FindControlSets();
  const Result<std::vector<KeyDecision>> kept = KeepKeys(existing, restored, rules);
  Require(kept.ok() == has_sets, "control sets are found otherwise");
  if (!kept.ok()) {
    Require(restored == before, "changed, and failed");
    return 0;
  }
  for (const KeyRule& rule : rules) slow.Apply(rule);
  Require(FlatOf(restored) == slow.restored(), "kept otherwise than key by key");
  return 0;
}
