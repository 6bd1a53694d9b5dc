#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// An entry of KeysNotToRestore: a part of HKLM\SYSTEM that a restore keeps as it is on the target
/// (Registry Backup and Restore Operations Under VSS).
struct KeyRule {
  enum class Kind : uint8_t {
    kReplaceKey,     ///< ends with '\': the key with all below it
    kMergeKey,       ///< ends with "\*": its subkeys, one by one
    kPreserveValue,  ///< else: one value
  };

  Kind kind = Kind::kPreserveValue;
  std::u16string key;    ///< below HKLM\SYSTEM, names joined by '\'; empty: the root
  std::u16string value;  ///< kPreserveValue

  bool operator==(const KeyRule&) const = default;
};

/// Reads an entry; "HKEY_LOCAL_MACHINE\SYSTEM\", "HKLM\SYSTEM\" or "SYSTEM\" before it are left
/// out. kInvalidArgument: it is empty, or stands for the whole hive.
Result<KeyRule> ParseKeyRule(std::u16string_view entry);

/// The entries of both sides, each once, without regard to case; those of `first` in front.
std::vector<KeyRule> UnionOf(const std::vector<KeyRule>& first, const std::vector<KeyRule>& second);

/// Which control set of a SYSTEM hive is meant by CurrentControlSet.
enum class ControlSet : uint8_t {
  kCurrent,  ///< of the system that ran last
  kDefault,  ///< of the next start
};
/// "ControlSet001", by key Select alone. kNotFound if it has no such value.
Result<std::u16string> SelectedControlSet(const RegistryKey& system, ControlSet which);
/// The same, which is there. kNotFound if key Select has no such value, or there is no such control set.
Result<std::u16string> ControlSetName(const RegistryKey& system, ControlSet which);

/// One thing that a merge did, or why it did nothing.
struct KeyDecision {
  KeyRule rule;
  std::u16string key;  ///< of the restored hive
  std::string text;    ///< "kept from the target", ...
};

/// Brings what the rules keep from the hive on the target into the one that was restored, both
/// SYSTEM hives. CurrentControlSet is the current one of `existing` and the default one of
/// `restored`. A subkey under a merged key that both have stays as restored, but takes the value
/// Start of the target if that is lower, and all of the target's if only that has one. A value that
/// the target has not is removed only if it tells of renamings still to be done. kNotFound as
/// ControlSetName says, before anything is changed.
Result<std::vector<KeyDecision>> KeepKeys(const RegistryKey& existing, RegistryKey& restored,
                                          const std::vector<KeyRule>& rules);

}  // namespace tapir
