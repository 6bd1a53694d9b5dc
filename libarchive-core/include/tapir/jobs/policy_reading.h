#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/jobs/policy_derivation.h"
#include "tapir/object/volume_files.h"

namespace tapir {

/// Reads a file that holds a policy: a hive, SYSTEM or SOFTWARE, brought up to date from the logs
/// beside it (NAME.LOG, NAME.LOG1, NAME.LOG2); an export of the registry as text; or a list of
/// rules. Of hives only the keys that DerivePolicy reads. `name` stands for it in messages and in
/// the manifest. kInvalidArgument if it is none of these; else as reading says.
Result<PolicyTree> ReadPolicyFile(VolumeFiles& files, const std::string& path,
                                  const std::string& name);
/// The same of a file of this machine.
Result<PolicyTree> ReadPolicyFile(const std::string& path);

/// The registry of the Windows on a volume.
struct VolumeRegistry {
  std::vector<PolicyTree> trees;  ///< empty: there is none
  std::string windows_directory;  ///< path on the volume: "Windows"
  /// What MountedDevices says of drive letters: in upper case, with the data that name a volume.
  std::map<char16_t, std::string> drives;
};

/// What MountedDevices of a SYSTEM hive says of drive letters: in upper case, with the data that
/// name a volume.
std::map<char16_t, std::string> MountedDrives(const RegistryKey& system);

/// The directory in the root that holds System32/config/SYSTEM, the usual names first; empty if
/// there is none. Fails as reading the root does.
Result<std::string> FindWindowsDirectory(VolumeFiles& files);

/// Looks for it where Windows has it: config/SYSTEM and config/SOFTWARE in System32 of a directory
/// in the root. `name` of the volume stands before the paths. A hive that cannot be read is a
/// failure; a missing SOFTWARE is none.
Result<VolumeRegistry> ReadVolumeRegistry(VolumeFiles& files, const std::string& name);

/// A directory's name behind a drive's: "C:\Windows".
std::string OnDrive(char16_t letter, const std::string& path);

}  // namespace tapir
