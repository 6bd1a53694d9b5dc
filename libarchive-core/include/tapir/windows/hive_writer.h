#pragma once

#include <cstdint>
#include <string>

#include "tapir/base/status.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// What the head of a registry hive says of it as a whole.
struct HiveDescription {
  uint32_t minor_version = 5;  ///< of version 1: 3 to 6
  uint32_t sequence = 1;       ///< grows by one with each writing
  uint64_t last_written = 0;   ///< 100 ns since 1601
  std::u16string file_name;    ///< for people; of a longer one the last 31 units are kept
  bool has_layers = false;     ///< layered keys of Windows 10

  bool operator==(const HiveDescription&) const = default;
};

/// A hive file of this tree, without free space but at the ends of its bins: the same bytes for the
/// same tree. Values keep their order. Time and memory are in proportion to the tree. The root gets
/// the flags of a root. kInvalidArgument names the key that no hive can hold: subkeys that do not
/// ascend, a name, class name, descriptor or value that is too long, more than 512 levels; or says
/// that the whole is over 2 GiB. Any thread.
Result<std::string> BuildHive(const RegistryKey& root, const HiveDescription& description);

}  // namespace tapir
