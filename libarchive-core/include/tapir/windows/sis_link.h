#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tapir/windows/guid.h"

namespace tapir {

/// A file reference of NTFS: what tells files of one volume apart.
struct FileReference {
  uint64_t value = 0;  ///< 0: not known

  /// Number of the record in the master file table.
  uint64_t record() const { return value & 0xFFFFFFFFFFFFu; }
  /// How often the record was given to another file.
  uint16_t sequence() const { return static_cast<uint16_t>(value >> 48); }
  auto operator<=>(const FileReference&) const = default;
};

/// What the reparse data of a Single Instance Store link show. Their layout is not promised
/// (SIS Links and Reparse Points): these fields serve for showing and for pairing with store files
/// of the same volume, and are never rewritten.
struct SisLinkFields {
  uint32_t version = 0;
  uint32_t reserved = 0;
  Guid store_file{};                ///< CSid, the identifier of the common-store file
  uint64_t link_index = 0;          ///< of this link, unique on its volume
  FileReference link_file;          ///< of the link, on the volume where it was made
  FileReference store_reference;    ///< of the common-store file, on the same volume
  uint64_t contents_checksum = 0;   ///< by an algorithm that is not public
  uint64_t structure_checksum = 0;  ///< by an algorithm that is not public
};

/// True if the buffer is well formed and of the tag of SIS.
bool IsSisLink(std::span<const std::byte> reparse);

/// The fields of a whole reparse buffer. Nothing if it is no SIS link, or its data are not 64 bytes
/// long, or their GUID is zero: such a link is as good as any other, but opaque.
std::optional<SisLinkFields> ReadSisLink(std::span<const std::byte> reparse);

/// The GUID of a common-store file's name: a GUID and ".sis", in any case, in braces or not, after
/// the last '/'. Nothing if the name has another form.
std::optional<Guid> SisNameGuid(std::string_view path);

/// A form of a store file's name that is the same however it was spelled: lower-case GUID and
/// ".sis" without braces, or what stands after the last '/' if it has another form.
std::string SisStoreName(std::string_view path);

}  // namespace tapir
