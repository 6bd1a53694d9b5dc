#include "tapir/jobs/policy_change.h"

#include <optional>
#include <utility>

#include "tapir/windows/backup_value.h"
#include "tapir/windows/file_rule.h"
#include "tapir/windows/key_rule.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::string_view kCurrentSetName = "CurrentControlSet";

// A value by its name, and of a list the name of the entry.
struct NamedValue {
  const BackupValue* known = nullptr;
  std::u16string name;
};

Result<NamedValue> FindNamed(const std::string& text) {
  const size_t backslash = text.find('\\');
  NamedValue named{FindBackupValue(text.substr(0, backslash)), {}};
  if (named.known == nullptr) {
    return InvalidArgument("'" + text + "' is no value that backup programs know");
  }
  const bool has_entry = backslash != std::string::npos && backslash + 1 < text.size();
  if (named.known->is_list != has_entry) {
    return InvalidArgument(named.known->is_list
                               ? std::string(named.known->name) +
                                     " is a list: give the name of an entry behind a backslash"
                               : std::string(named.known->name) + " is no list");
  }
  const std::optional<std::u16string> name =
      Utf16(has_entry ? text.substr(backslash + 1) : std::string(named.known->name));
  if (!name) return InvalidArgument("'" + text + "' is not UTF-8");
  named.name = *name;
  return named;
}

// Variables may have values on the system that is to read it.
std::string WhyMeaningless(const BackupValue& known, const std::string& entry) {
  if (known.name == "KeysNotToRestore") {
    const std::optional<std::u16string> units = Utf16(entry);
    return units ? ParseKeyRule(*units).status().message() : std::string("is not UTF-8");
  }
  RuleContext context;
  context.variable = [](std::string_view) { return std::optional<std::string>("C:\\x"); };
  context.profiles = {"C:\\x"};
  context.for_snapshots = known.name == "FilesNotToSnapshot";
  return ParseFileRule(entry, context).warning;
}

Result<RegistryValue> MakeValue(const NamedValue& named, const PolicyChange& change,
                                std::vector<std::string>& warnings) {
  if (!named.known->is_list) return MakeBackupValue(*named.known, change.texts);
  for (const std::string& entry : change.texts) {
    const std::string why = WhyMeaningless(*named.known, entry);
    if (!why.empty()) warnings.push_back("'" + entry + "' " + why + ": it means nothing");
  }
  std::optional<RegistryValue> value =
      change.texts.empty() ? std::nullopt
                           : MakeRegistryStrings(named.name, kRegMultiSz, change.texts);
  if (!value) return InvalidArgument("give entries that are not empty and are UTF-8");
  return *std::move(value);
}

// Which hive it is shows by key Select.
Result<std::string> KeyIn(const RegistryKey& root, const BackupValue& known) {
  const bool is_system = root.subkey(u"Select") != nullptr;
  if (is_system != (known.hive == RegistryHive::kSystem)) {
    return InvalidArgument(std::string(known.name) + " belongs into hive " +
                           (is_system ? "SOFTWARE" : "SYSTEM"));
  }
  std::string key(known.key);
  if (!key.starts_with(kCurrentSetName)) return key;
  TAPIR_ASSIGN_OR_RETURN(const std::u16string set, ControlSetName(root, ControlSet::kCurrent));
  return key.replace(0, kCurrentSetName.size(), Wtf8(set));
}

}  // namespace

Result<ChangedPolicy> ChangePolicy(const OpenVolumeFiles& open, const std::string& path,
                                   const PolicyChange& change) {
  TAPIR_ASSIGN_OR_RETURN(const NamedValue named, FindNamed(change.name));
  ChangedPolicy changed;
  std::optional<RegistryValue> value;
  if (!change.remove) {
    TAPIR_ASSIGN_OR_RETURN(value, MakeValue(named, change, changed.warnings));
  }
  HiveContents contents;
  {
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, open(false));
    TAPIR_ASSIGN_OR_RETURN(HiveBytes bytes, ReadHiveBytes(*files, path));
    TAPIR_ASSIGN_OR_RETURN(contents, ReadHive(std::move(bytes)));
  }
  changed.warnings.insert(changed.warnings.end(), contents.warnings.begin(),
                          contents.warnings.end());
  TAPIR_ASSIGN_OR_RETURN(changed.key, KeyIn(contents.root, *named.known));
  changed.value = Wtf8(named.name);
  const std::u16string key(changed.key.begin(), changed.key.end());
  if (value) {
    contents.root.Make(key).SetValue(*std::move(value));
  } else if (contents.root.Find(key) == nullptr ||
             !contents.root.Make(key).RemoveValue(named.name)) {
    return NotFound(changed.key + " has no value '" + changed.value + "'");
  }
  ++contents.description.sequence;
  TAPIR_RETURN_IF_ERROR(
      ReplaceHives(open, {{path, std::move(contents.root), std::move(contents.description)}}));
  return changed;
}

}  // namespace tapir
