#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

enum class RegistryHive : uint8_t { kSystem, kSoftware };

/// A value by which Windows and backup programs agree on something, or a key whose values are
/// entries of a list (Registry Keys and Values for Backup and Restore).
struct BackupValue {
  std::string_view name;
  RegistryHive hive = RegistryHive::kSystem;
  std::string_view key;  ///< below the root of the hive; the key itself if is_list
  bool is_list = false;  ///< values of any names, each a REG_MULTI_SZ of entries
  uint32_t type = kRegMultiSz;
  std::string_view without;  ///< what applies if it is not there
  std::string_view windows;  ///< the versions that have it
};

/// All of them, in the order of the documentation.
std::span<const BackupValue> BackupValues();
/// By name, in any case; null: there is none.
const BackupValue* FindBackupValue(std::string_view name);

/// What a value that was found means.
struct CheckedBackupValue {
  std::string problem;  ///< why it is not as documented; empty: it is
  std::string applies;  ///< what applies then; empty: what it says
};
CheckedBackupValue CheckBackupValue(const BackupValue& known, const RegistryValue& found);

/// A value to be written, of texts as a user gives them: numbers in decimal or behind 0x, one text
/// for each string. kInvalidArgument says what is wrong; what Windows rounds is rounded. Not for
/// lists.
Result<RegistryValue> MakeBackupValue(const BackupValue& known,
                                      const std::vector<std::string>& texts);

}  // namespace tapir
