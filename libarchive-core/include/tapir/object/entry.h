#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tapir/object/metadata.h"

namespace tapir {

/// One object as the index of a session lists it (format chapter 7.1). Plain value.
struct Entry {
  uint64_t ordinal = 0;  ///< in its session
  std::string path;
  PathEncoding path_encoding = PathEncoding::kBytes;
  ObjectType type = ObjectType::kRegular;
  ObjectStatus status = ObjectStatus::kOk;
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t size = 0;  ///< bytes, holes included
  Timestamp mtime;
  /// Digests are of the map form (chapter 5.7): not those of the plain contents.
  bool map_digest = false;
  bool has_further_streams = false;
  std::array<std::byte, 16> xxh128{};  ///< regular files
  std::array<std::byte, 32> sha256{};  ///< regular files, if the session has them
  std::string link_target;             ///< symbolic links
  uint32_t file_attributes = 0;        ///< of Windows; paths in WTF-8 only
  uint32_t reparse_tag = 0;            ///< if it is a reparse point
  SisMembership sis;
  /// Hard links: the primary. Entries with a reference: its target.
  uint64_t link_ordinal = 0;
  /// Bytes at the beginning that are those of object link_ordinal: 0 if there is no reference.
  uint64_t reference_bytes = 0;
  bool whole_reference = false;  ///< the reference covers the whole stream

  /// Not all of the file is here: bytes before this offset are on earlier volumes, and, if the
  /// status is kContinued, others on later ones.
  bool fragment = false;
  uint64_t fragment_offset = 0;

  /// ObjectType::kExcluded: the rule of the session's policy, if it is known. Their size is that of
  /// the file.
  std::optional<uint32_t> excluded_by;

  /// Where the object begins: block (object and unit number), offset of its chunk in the block,
  /// offset of its record in the raw chunk.
  uint64_t block_object = 0;
  uint64_t block_unit = 0;
  uint32_t chunk_offset = 0;
  uint32_t record_offset = 0;
  uint64_t record_digest = 0;

  bool has_reference() const { return whole_reference || reference_bytes > 0; }
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// The entry is the piece of a file that follows on `before`, which is of the same session.
inline bool GoesOnFrom(const Entry& entry, const Entry& before) {
  return entry.fragment && before.status == ObjectStatus::kContinued &&
         entry.fragment_offset == before.fragment_offset + before.size;
}

}  // namespace tapir
