#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/timestamp.h"
#include "tapir/object/ntfs_metadata.h"

namespace tapir {

/// Values are those of the format (chapter 5.3); tombstone and excluded those of chapter 7.1.
enum class ObjectType : uint8_t {
  kRegular = 1,
  kDirectory = 2,
  kSymlink = 3,
  kHardLink = 4,
  kFifo = 5,
  kCharDevice = 6,
  kBlockDevice = 7,
  kTombstone = 0x40,
  kExcluded = 0x41,
};

/// What happened to an object while it was read (chapter 5.7).
enum class ObjectStatus : uint8_t {
  kOk = 0,
  kChanged = 1,
  kShort = 2,
  kUnreadable = 3,
  kContinued = 4,  ///< not all of it is here: it goes on on the next volume
};

enum class PathEncoding : uint8_t { kBytes = 0, kWtf8 = 1 };

struct Xattr {
  std::string name;
  std::string value;
  friend bool operator==(const Xattr&, const Xattr&) = default;
};

/// A stream beside stream 0 (chapter 5.4).
struct FurtherStream {
  uint32_t number = 0;  ///< not 0
  std::string name;
  friend bool operator==(const FurtherStream&, const FurtherStream&) = default;
};

/// A record whose body this layer carries and does not read (chapter 5.10).
struct OpaqueRecord {
  uint16_t type = 0;
  std::string body;
  friend bool operator==(const OpaqueRecord&, const OpaqueRecord&) = default;
};

/// Everything about an object but its contents (chapter 5.2 and 5.4). Plain value, any bytes in
/// the strings.
struct Metadata {
  std::string path;  ///< components joined by '/', or "." for the root itself
  PathEncoding path_encoding = PathEncoding::kBytes;
  ObjectType type = ObjectType::kRegular;
  uint32_t mode = 0;  ///< permission bits 07777 only
  uint32_t uid = 0;
  uint32_t gid = 0;
  Timestamp mtime;
  uint32_t link_count = 1;
  uint64_t size = 0;  ///< expected length of stream 0 in bytes
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::string link_target;  ///< symbolic links
  std::string owner_name;   ///< empty: unknown
  std::string group_name;
  std::vector<Xattr> xattrs;     ///< sorted by name
  uint64_t primary_ordinal = 0;  ///< hard links: the object that holds metadata and contents
  std::string primary_path;
  bool has_access_time = false;
  Timestamp access_time;
  std::vector<std::string> other_names;
  std::vector<FurtherStream> further_streams;  ///< ascending by number, names unique
  std::vector<OpaqueRecord> opaque_records;
  /// Null: not from an NTFS volume.
  std::shared_ptr<const NtfsMetadata> ntfs;
  /// A name of the same file that stands on an earlier volume of the session.
  std::string earlier_name;
  /// A file that began on an earlier volume: bytes of it before those that are here (chapter 5.12).
  std::optional<uint64_t> fragment_offset;
  /// It was left out: the number of the rule in the session's policy. `type` and `size` are those
  /// that it had; it has no contents.
  std::optional<uint32_t> excluded_by;
};

/// A range of a stream that holds data.
struct Extent {
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

}  // namespace tapir
