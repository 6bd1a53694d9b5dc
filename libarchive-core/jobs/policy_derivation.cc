#include "tapir/jobs/policy_derivation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tapir/base/limits.h"
#include "tapir/jobs/path_policy.h"
#include "tapir/windows/backup_value.h"
#include "tapir/windows/environment.h"
#include "tapir/windows/file_rule.h"
#include "tapir/windows/key_rule.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::u16string_view kEnvironmentKey = u"Control\\Session Manager\\Environment";
constexpr std::u16string_view kVssKey = u"Services\\VSS\\Settings";
constexpr std::u16string_view kVersionKey = u"Microsoft\\Windows NT\\CurrentVersion";
constexpr std::u16string_view kProfileKey = u"ProfileList";
constexpr std::u16string_view kLocalSystem = u"S-1-5-18";
constexpr std::string_view kCurrentSet = "CurrentControlSet";
constexpr size_t kMostPlaces = PathPolicy::kMostPlaces;

std::string FirstString(const RegistryKey* key, std::u16string_view name) {
  const RegistryValue* value = key != nullptr ? key->value(name) : nullptr;
  const auto strings = value != nullptr ? RegistryStrings(*value) : std::nullopt;
  return strings && !strings->empty() ? strings->front() : std::string();
}

std::u16string Units(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

bool SameName(std::string_view left, std::string_view right) {
  const auto left_units = Utf16(left);
  const auto right_units = Utf16(right);
  return left_units && right_units && Upcase(*left_units) == Upcase(*right_units);
}

PolicyRule::List ListOf(const BackupValue& known) {
  if (known.name == "FilesNotToBackup") return PolicyRule::List::kNotToBackup;
  if (known.name == "FilesNotToSnapshot") return PolicyRule::List::kNotToSnapshot;
  return PolicyRule::List::kKeysNotToRestore;
}

class Derivation {
 public:
  Derivation(const std::vector<PolicyTree>& trees, const PolicyOptions& options)
      : trees_(trees), options_(options) {}

  PolicyManifest Run() {
    manifest_.plain_wildcards = options_.plain_wildcards;
    manifest_.writers = options_.writers;
    for (const PolicyTree& tree : trees_) {
      manifest_.inputs.push_back(tree.input);
      for (const std::string& warning : tree.warnings) Warn(tree.input.name + ": " + warning);
      control_sets_.push_back(tree.system ? ControlSetOf(tree) : std::u16string());
    }
    ReadEnvironment();
    ReadProfiles();
    for (uint32_t i = 0; i < trees_.size(); ++i) TakeTree(i);
    for (auto& [name, value] : used_) manifest_.variables.push_back({name, value});
    if (profiles_used_) manifest_.profiles = profiles_;
    return std::move(manifest_);
  }

 private:
  void Warn(std::string text) { manifest_.warnings.push_back(std::move(text)); }

  // An export of a running system has the key by its own name.
  std::u16string ControlSetOf(const PolicyTree& tree) {
    if (tree.system->subkey(Units(kCurrentSet)) != nullptr) return Units(kCurrentSet);
    Result<std::u16string> name = ControlSetName(*tree.system, ControlSet::kCurrent);
    if (name.ok()) return *std::move(name);
    Warn(tree.input.name + ": " + name.status().message());
    return {};
  }

  const RegistryKey* InControlSet(uint32_t tree, std::u16string_view path) const {
    const std::u16string& set = control_sets_[tree];
    if (set.empty()) return nullptr;
    return trees_[tree].system->Find(set + u"\\" + std::u16string(path));
  }

  void SetIfMissing(std::string_view name, std::string value) {
    if (!value.empty() && !environment_.Has(name)) environment_.Set(name, std::move(value));
  }

  void ReadEnvironment() {
    for (const PolicyVariable& variable : options_.environment) {
      environment_.Set(variable.name, variable.value);
    }
    for (uint32_t i = 0; i < trees_.size(); ++i) {
      const RegistryKey* machine = trees_[i].system ? InControlSet(i, kEnvironmentKey) : nullptr;
      if (machine != nullptr) {
        for (const RegistryValue& value : machine->values) {
          SetIfMissing(Wtf8(value.name), FirstString(machine, value.name));
        }
      }
      if (!trees_[i].software) continue;
      const RegistryKey* version = trees_[i].software->Find(kVersionKey);
      SetIfMissing("SystemRoot", FirstString(version, u"SystemRoot"));
      const RegistryKey* profiles = version != nullptr ? version->subkey(kProfileKey) : nullptr;
      if (profiles == nullptr) continue;
      SetIfMissing("ProgramData", FirstString(profiles, u"ProgramData"));
      SetIfMissing("AllUsersProfile", FirstString(profiles, u"ProgramData"));
      SetIfMissing("Public", FirstString(profiles, u"Public"));
      SetIfMissing("UserProfile", FirstString(profiles->subkey(kLocalSystem), u"ProfileImagePath"));
    }
    SetIfMissing("SystemRoot", options_.system_root);
    const std::string root = environment_.Value("SystemRoot").value_or("");
    if (root.size() >= 2 && root[1] == ':') SetIfMissing("SystemDrive", root.substr(0, 2));
    if (!root.empty()) SetIfMissing("windir", root);
  }

  bool ProfilesAreDisabled() const {
    for (uint32_t i = 0; i < trees_.size(); ++i) {
      const RegistryKey* settings = trees_[i].system ? InControlSet(i, kVssKey) : nullptr;
      const RegistryValue* value =
          settings != nullptr ? settings->value(u"DisableUserProfileExpansion") : nullptr;
      if (value != nullptr && value->number().value_or(0) != 0) return true;
    }
    return false;
  }

  void ReadProfiles() {
    if (ProfilesAreDisabled()) return;
    for (const PolicyTree& tree : trees_) {
      const RegistryKey* version = tree.software ? tree.software->Find(kVersionKey) : nullptr;
      const RegistryKey* list = version != nullptr ? version->subkey(kProfileKey) : nullptr;
      if (list == nullptr) continue;
      for (const RegistryKey& profile : list->subkeys) {
        const std::string path = FirstString(&profile, u"ProfileImagePath");
        const std::optional<std::string> expanded = environment_.Expand(path);
        if (!expanded || expanded->empty()) continue;
        if (profiles_.size() == limits::kMaxPolicyProfiles) {
          return Warn(tree.input.name + ": only 4,096 profile directories are looked at");
        }
        profiles_.push_back(*expanded);
      }
    }
  }

  void TakeTree(uint32_t tree) {
    for (const BackupValue& known : BackupValues()) {
      const bool in_system = known.hive == RegistryHive::kSystem;
      const std::optional<RegistryKey>& root =
          in_system ? trees_[tree].system : trees_[tree].software;
      if (!root) continue;
      const bool current = known.key.starts_with(kCurrentSet);
      if (current && control_sets_[tree].empty()) continue;
      const std::string path =
          current ? Wtf8(control_sets_[tree]) + std::string(known.key.substr(kCurrentSet.size()))
                  : std::string(known.key);
      const RegistryKey* key = root->Find(Units(path));
      if (key == nullptr) continue;
      const std::string full = (in_system ? "SYSTEM\\" : "SOFTWARE\\") + path;
      if (known.is_list) {
        for (const RegistryValue& value : key->values) TakeEntries(tree, known, full, value);
      } else if (const RegistryValue* value = key->value(Units(known.name))) {
        TakeSetting(tree, known, full, *value);
      }
    }
  }

  uint32_t AddValue(uint32_t tree, const std::string& key, const RegistryValue& value) {
    manifest_.values.push_back({tree, value.type, key, Wtf8(value.name), value.data});
    return static_cast<uint32_t>(manifest_.values.size() - 1);
  }

  void TakeSetting(uint32_t tree, const BackupValue& known, const std::string& key,
                   const RegistryValue& value) {
    AddValue(tree, key, value);
    const CheckedBackupValue checked = CheckBackupValue(known, value);
    if (checked.problem.empty()) return;
    std::string text = std::string(known.name) + " is " + checked.problem;
    if (!checked.applies.empty()) text += "; what applies: " + checked.applies;
    Warn(std::move(text));
  }

  void TakeEntries(uint32_t tree, const BackupValue& known, const std::string& key,
                   const RegistryValue& value) {
    const uint32_t number = AddValue(tree, key, value);
    const auto strings = RegistryStrings(value);
    const std::string name = std::string(known.name) + " '" + Wtf8(value.name) + "'";
    if (!strings) {
      return Warn(name + " is of type " + std::to_string(value.type) +
                  ", not a list of strings: skipped");
    }
    for (uint32_t i = 0; i < strings->size(); ++i) {
      PolicyRule rule{.list = ListOf(known), .value = number, .string = i, .text = (*strings)[i]};
      if (rule.list == PolicyRule::List::kKeysNotToRestore) {
        JudgeKeyRule(rule);
      } else {
        JudgeFileRule(rule, Wtf8(value.name));
      }
      manifest_.rules.push_back(std::move(rule));
    }
  }

  static void JudgeKeyRule(PolicyRule& rule) {
    const std::optional<std::u16string> units = Utf16(rule.text);
    const Status parsed = units ? ParseKeyRule(*units).status() : InvalidArgument("is not UTF-16");
    if (parsed.ok()) return;
    rule.state = PolicyRule::State::kInert;
    rule.reason = parsed.message();
  }

  void JudgeFileRule(PolicyRule& rule, const std::string& value_name) {
    RuleContext context;
    context.variable = [this](std::string_view name) -> std::optional<std::string> {
      std::optional<std::string> value = environment_.Value(name);
      if (value) used_[std::string(name)] = *value;
      return value;
    };
    context.profiles = profiles_;
    context.for_snapshots = rule.list == PolicyRule::List::kNotToSnapshot;
    if (places_ > kMostPlaces) {
      rule.state = PolicyRule::State::kInert;
      rule.reason = "comes behind more places than are looked at";
      return;
    }
    const ParsedRule parsed = ParseFileRule(rule.text, context);
    places_ += parsed.rules.size();
    profiles_used_ = profiles_used_ || context.for_snapshots;
    if (!parsed.warning.empty()) {
      rule.state = PolicyRule::State::kInert;
      rule.reason = parsed.warning;
    } else if (parsed.rules.empty()) {
      rule.state = PolicyRule::State::kInert;
      rule.reason = "is about profile directories, of which none is known, or they are disabled";
    } else if (rule.list == PolicyRule::List::kNotToBackup && IsWriter(value_name)) {
      rule.state = PolicyRule::State::kWriterHere;
      rule.reason = "the writer of this name decides itself";
    }
  }

  bool IsWriter(const std::string& name) const {
    return std::any_of(options_.writers.begin(), options_.writers.end(),
                       [&](const std::string& writer) { return SameName(writer, name); });
  }

  const std::vector<PolicyTree>& trees_;
  const PolicyOptions& options_;
  PolicyManifest manifest_;
  std::vector<std::u16string> control_sets_;  ///< of each tree; empty: none
  WindowsEnvironment environment_;
  std::vector<std::string> profiles_;
  bool profiles_used_ = false;
  size_t places_ = 0;  ///< that rules stand for
  std::map<std::string, std::string> used_;
};

}  // namespace

PolicyManifest DerivePolicy(const std::vector<PolicyTree>& trees, const PolicyOptions& options) {
  return Derivation(trees, options).Run();
}

}  // namespace tapir
