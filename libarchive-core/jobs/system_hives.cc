#include "jobs/system_hives.h"

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "tapir/windows/backup_value.h"
#include "tapir/windows/guid.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::u16string_view kKeysNotToRestore = u"\\Control\\BackupRestore\\KeysNotToRestore";
constexpr std::u16string_view kSessionManager = u"\\Control\\Session Manager";
constexpr std::u16string_view kSystemRestore =
    u"Microsoft\\Windows NT\\CurrentVersion\\SystemRestore";
constexpr std::string_view kCurrentSetPrefix = "CurrentControlSet\\";
constexpr std::u16string_view kVolumeNames = u"\\??\\Volume{";

void SetValueAt(RegistryKey& root, std::u16string_view key, RegistryValue value, uint64_t now) {
  RegistryKey& place = root.Make(key);
  place.SetValue(std::move(value));
  place.last_written = now;
}

// Names of documented keys are ASCII.
std::u16string DocumentedKey(const BackupValue& known, std::u16string_view control_set) {
  std::string_view key = known.key;
  std::u16string path;
  if (key.starts_with(kCurrentSetPrefix)) {
    key.remove_prefix(kCurrentSetPrefix.size());
    path = std::u16string(control_set) + u'\\';
  }
  return path.append(key.begin(), key.end());
}

}  // namespace

std::string NewRegistryGuid(Ambient& ambient) {
  Guid guid;
  ambient.FillRandom(guid);
  // A random one, by RFC 4122.
  guid[7] = (guid[7] & std::byte{0x0F}) | std::byte{0x40};
  guid[8] = (guid[8] & std::byte{0x3F}) | std::byte{0x80};
  return "{" + GuidText(guid) + "}";
}

std::vector<KeyRule> KeyRulesOf(const RegistryKey& system, ControlSet which,
                                std::vector<std::string>& warnings) {
  std::vector<KeyRule> rules;
  const Result<std::u16string> control_set = ControlSetName(system, which);
  const RegistryKey* key =
      control_set.ok() ? system.Find(*control_set + std::u16string(kKeysNotToRestore)) : nullptr;
  if (key == nullptr) return rules;
  for (const RegistryValue& value : key->values) {
    const std::string name = "KeysNotToRestore '" + Wtf8(value.name) + "'";
    const auto entries = RegistryStrings(value);
    if (!entries) {
      warnings.push_back(name + " is no list of strings: skipped");
      continue;
    }
    for (const std::string& entry : *entries) {
      const std::optional<std::u16string> units = Utf16(entry);
      Result<KeyRule> rule = ParseKeyRule(units.value_or(std::u16string()));
      if (rule.ok()) {
        rules.push_back(*std::move(rule));
      } else {
        warnings.push_back(name + ": '" + entry + "' " + rule.status().message());
      }
    }
  }
  return rules;
}

Result<KeptKeys> KeepKeysOfBoth(const RegistryKey& existing, RegistryKey& restored) {
  KeptKeys kept;
  const auto theirs = KeyRulesOf(existing, ControlSet::kCurrent, kept.warnings);
  const auto ours = KeyRulesOf(restored, ControlSet::kDefault, kept.warnings);
  TAPIR_ASSIGN_OR_RETURN(kept.decisions, KeepKeys(existing, restored, UnionOf(theirs, ours)));
  return kept;
}

Status SetBackupValue(RegistryKey& root, std::u16string_view control_set, std::string_view name,
                      const std::vector<std::string>& texts, uint64_t now) {
  const BackupValue& known = *FindBackupValue(name);
  TAPIR_ASSIGN_OR_RETURN(RegistryValue value, MakeBackupValue(known, texts));
  SetValueAt(root, DocumentedKey(known, control_set), std::move(value), now);
  return OkStatus();
}

std::vector<std::string> BackupStrings(const RegistryKey& root, std::string_view name) {
  const BackupValue& known = *FindBackupValue(name);
  const RegistryKey* key = root.Find(DocumentedKey(known, {}));
  const RegistryValue* value =
      key == nullptr ? nullptr : key->value(std::u16string(name.begin(), name.end()));
  if (value == nullptr) return {};
  return RegistryStrings(*value).value_or(std::vector<std::string>());
}

std::vector<std::string> VolumeNamesOf(const RegistryKey& system, const std::string& device) {
  std::vector<std::string> names;
  const RegistryKey* mounted = system.subkey(u"MountedDevices");
  if (mounted == nullptr || device.empty()) return names;
  for (const RegistryValue& value : mounted->values) {
    if (!value.name.starts_with(kVolumeNames) || value.data != device) continue;
    names.push_back("\\\\?\\" + Wtf8(value.name.substr(4)));
  }
  return names;
}

void AddSetupExecute(RegistryKey& system, const std::u16string& control_set,
                     const std::string& command, uint64_t now) {
  const std::u16string key = control_set + std::u16string(kSessionManager);
  const RegistryKey* manager = system.Find(key);
  const RegistryValue* there = manager == nullptr ? nullptr : manager->value(u"SetupExecute");
  std::vector<std::string> commands;
  if (there != nullptr) commands = RegistryStrings(*there).value_or(commands);
  std::erase(commands, std::string());
  commands.push_back(command);
  std::optional<RegistryValue> value = MakeRegistryStrings(u"SetupExecute", kRegMultiSz, commands);
  SetValueAt(system, key, *std::move(value), now);
}

void SetRestoreStatus(RegistryKey& software, uint32_t result, uint32_t details, uint64_t now) {
  SetValueAt(software, kSystemRestore, MakeRegistryNumber(u"RestoreStatusResult", result), now);
  if (details != 0) {
    SetValueAt(software, kSystemRestore, MakeRegistryNumber(u"RestoreStatusDetails", details), now);
  } else {
    software.Make(kSystemRestore).RemoveValue(u"RestoreStatusDetails");
  }
}

}  // namespace tapir
