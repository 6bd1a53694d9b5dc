#pragma once

#include <string>
#include <vector>

#include "tapir/jobs/policy_derivation.h"
#include "tapir/windows/registry_text.h"

namespace tapir::test {

inline const std::u16string kBackupRestore = u"ControlSet001\\Control\\BackupRestore\\";

/// A SYSTEM hive with a control set that runs and starts next.
inline RegistryKey SystemTree() {
  RegistryKey system;
  system.Make(u"Select").SetValue(MakeRegistryNumber(u"Current", 1));
  system.Make(u"Select").SetValue(MakeRegistryNumber(u"Default", 1));
  system.Make(u"ControlSet001");
  return system;
}

/// Adds a value to one of the three lists.
inline void AddEntries(RegistryKey& system, std::u16string_view list, std::u16string_view name,
                       const std::vector<std::string>& entries) {
  system.Make(kBackupRestore + std::u16string(list))
      .SetValue(*MakeRegistryStrings(name, kRegMultiSz, entries));
}

inline void SetText(RegistryKey& key, std::u16string_view name, const std::string& text,
                    uint32_t type = kRegSz) {
  key.SetValue(*MakeRegistryStrings(name, type, {text}));
}

/// A SOFTWARE hive: Windows in C:\Windows, profiles of the system account and of one user.
inline RegistryKey SoftwareTree() {
  RegistryKey software;
  RegistryKey& version = software.Make(u"Microsoft\\Windows NT\\CurrentVersion");
  SetText(version, u"SystemRoot", "C:\\Windows");
  RegistryKey& profiles = version.Make(u"ProfileList");
  SetText(profiles, u"ProgramData", "%SystemDrive%\\ProgramData", kRegExpandSz);
  SetText(profiles.Make(u"S-1-5-18"), u"ProfileImagePath",
          "%systemroot%\\system32\\config\\systemprofile", kRegExpandSz);
  SetText(profiles.Make(u"S-1-5-21-1-2-3-1001"), u"ProfileImagePath", "C:\\Users\\ann",
          kRegExpandSz);
  return software;
}

/// The policy of such hives, all of whose session lies on one drive.
inline PolicyManifest PolicyOf(RegistryKey system, PolicyOptions options = {},
                               char16_t letter = u'C') {
  PolicyTree tree;
  tree.input.name = "hives";
  tree.system = std::move(system);
  tree.software = SoftwareTree();
  PolicyManifest manifest = DerivePolicy({tree}, options);
  manifest.drives = {{letter, ".", "."}};
  return manifest;
}

}  // namespace tapir::test
