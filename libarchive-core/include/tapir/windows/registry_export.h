#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tapir/windows/finding.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// Bounds of what a text may make the reader hold; the defaults suffice for a whole hive.
struct RegistryExportLimits {
  size_t bytes = size_t{512} << 20;  ///< of text
  size_t items = 2'000'000;          ///< keys and values; memory: up to half a KiB for each
};

/// What a .reg file says, as it would be imported into an empty registry.
struct RegistryExport {
  unsigned version = 0;  ///< of the format: 4 or 5; 0: it is none
  /// Without a name; its subkeys are HKEY_LOCAL_MACHINE and the like.
  RegistryKey root;
  /// By lines, whose numbers are in the texts. kReject: something was left out; kInfo: what is to
  /// be removed.
  std::vector<Finding> findings;
};

/// Reads an export of regedit: version 5, in UTF-16 or UTF-8, or version 4 (REGEDIT4), whose texts
/// of 8 bits are UTF-8, else Windows-1252; its lists and expandable strings in hexadecimal, too,
/// which become UTF-16. HKLM and the like stand for roots. Malformed lines are left out; the values
/// of a malformed key, too. Any thread.
RegistryExport ReadRegistryExport(std::span<const std::byte> text,
                                  const RegistryExportLimits& limits = {});

}  // namespace tapir
