#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tapir/object/policy_manifest.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// Values of a registry, from one file.
struct PolicyTree {
  PolicyInput input;
  std::optional<RegistryKey> system;    ///< HKLM\SYSTEM
  std::optional<RegistryKey> software;  ///< HKLM\SOFTWARE
  std::vector<std::string> warnings;
};

struct PolicyOptions {
  /// What is known better than the registry does.
  std::vector<PolicyVariable> environment;
  /// Programs that decide themselves about the entries under their names.
  std::vector<std::string> writers;
  /// Where Windows is if no registry tells: "C:\Windows"; may be empty.
  std::string system_root;
  bool plain_wildcards = false;
};

/// All values that backup programs agree by (see BackupValues), and the entries of the three lists.
/// Values out of their range and of wrong types come with warnings, entries that mean nothing with
/// the reason.
/// Variables and profile directories are those that entries name. Drives are left empty.
PolicyManifest DerivePolicy(const std::vector<PolicyTree>& trees, const PolicyOptions& options);

}  // namespace tapir
