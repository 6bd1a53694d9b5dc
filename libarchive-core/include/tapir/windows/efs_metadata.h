#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tapir/windows/finding.h"
#include "tapir/windows/guid.h"

namespace tapir {

/// The largest $EFS metadata that Windows takes, in bytes ([MS-EFSR] 2.2.2).
inline constexpr size_t kMaxEfsMetadataBytes = 262144;

enum class EfsLayout {
  kUnknown,     ///< a version without published text, or too few bytes
  kKeyLists,    ///< versions 1 to 3 ([MS-EFSR] 2.2.2.1)
  kProtectors,  ///< versions 4 and 5 ([MS-EFSR] 2.2.2.2)
  kPfile,       ///< version 6, of rights management; kept opaque ([MS-EFSR] 2.2.2.3)
};

/// Whom a key list is for.
enum class EfsKeyList {
  kUsers,           ///< DDF
  kRecoveryAgents,  ///< DRF
};

/// One user or recovery agent that can open the file: a key list entry, or a key protector.
/// What is absent is empty. Texts are WTF-8.
struct EfsKeyEntry {
  EfsKeyList list = EfsKeyList::kUsers;
  uint64_t place = 0;           ///< of the entry, bytes from the start of the metadata
  uint16_t protector_type = 0;  ///< 1 key agreement, 2 asymmetric, 3 DPAPI-NG; 0 in a key list
  uint32_t flags = 0;           ///< as stored
  std::string thumbprint;       ///< of the certificate, lower-case hexadecimal
  std::string sid;              ///< "S-1-5-..."
  std::string display_name;
  std::string container_name;
  std::string provider_name;
  std::string descriptor;  ///< of DPAPI-NG, version 5 only
};

/// What a $EFS attribute says without any key.
struct EfsMetadata {
  EfsLayout layout = EfsLayout::kUnknown;
  uint32_t version = 0;               ///< EFS_Version
  Guid efs_id{};                      ///< EFS_ID
  std::optional<uint32_t> algorithm;  ///< ALG_ID of the file's key, where the layout shows it
  std::vector<EfsKeyEntry> keys;      ///< in the order of the bytes within each list, users first
  std::vector<Finding> findings;      ///< offsets from the start of the metadata

  /// False if something is malformed. Such metadata is still to be carried as it is.
  bool well_formed() const;
};

/// Reads as much as can be read; what is malformed is a finding, and of very many findings of one
/// severity the first are kept. Takes memory in proportion to `bytes`. Thread-safe.
EfsMetadata ParseEfsMetadata(std::span<const std::byte> bytes);

}  // namespace tapir
