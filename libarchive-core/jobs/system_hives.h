#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/ambient.h"
#include "tapir/base/status.h"
#include "tapir/windows/key_rule.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// What a restore of system state does to the hives SYSTEM and SOFTWARE, in memory.

/// A new GUID in braces, as the registry has them.
std::string NewRegistryGuid(Ambient& ambient);

/// The entries of KeysNotToRestore of one side; what is no entry is appended to `warnings`.
std::vector<KeyRule> KeyRulesOf(const RegistryKey& system, ControlSet which,
                                std::vector<std::string>& warnings);

struct KeptKeys {
  std::vector<KeyDecision> decisions;
  std::vector<std::string> warnings;
};
/// KeepKeys by the rules of both sides.
Result<KeptKeys> KeepKeysOfBoth(const RegistryKey& existing, RegistryKey& restored);

/// Sets a documented value (see BackupValues) in the hive that it belongs to; `control_set` is that
/// of a SYSTEM hive. The key gets the time. kInvalidArgument as MakeBackupValue says.
Status SetBackupValue(RegistryKey& root, std::u16string_view control_set, std::string_view name,
                      const std::vector<std::string>& texts, uint64_t now);

/// Strings of a documented value; none if it is not there.
std::vector<std::string> BackupStrings(const RegistryKey& root, std::string_view name);

/// Names of the volume in MountedDevices, in the form "\\?\Volume{GUID}".
std::vector<std::string> VolumeNamesOf(const RegistryKey& system, const std::string& device);

/// Appends a string to SetupExecute of the control set.
void AddSetupExecute(RegistryKey& system, const std::u16string& control_set,
                     const std::string& command, uint64_t now);

/// RestoreStatusResult and RestoreStatusDetails of a SOFTWARE hive.
void SetRestoreStatus(RegistryKey& software, uint32_t result, uint32_t details, uint64_t now);

}  // namespace tapir
