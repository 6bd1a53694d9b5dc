#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ntfs/volume.h"
#include "object/placed_range.h"
#include "tapir/object/metadata.h"
#include "tapir/object/ntfs_metadata.h"

namespace tapir::ntfs {

/// A data stream, or $EFS, as the volume has it.
struct StreamRecord {
  FurtherStream head;  ///< number 0: the contents
  NtfsStream state;
  /// Bytes that are archived: the size, or as much of the ciphertext as is valid.
  uint64_t archived_bytes = 0;
  bool resident = false;
  std::string value;  ///< if resident
  /// Ranges with data, ascending, cut to the valid bytes; empty if compressed.
  std::vector<PlacedRange> runs;
  std::vector<Extent> extents;  ///< the same without places; also of compressed streams
};

/// A file or directory as one name of it shows it.
struct ObjectRecord {
  NtfsMetadata ntfs;
  bool is_directory = false;
  uint32_t link_count = 1;            ///< names but short ones
  std::vector<StreamRecord> streams;  ///< ascending by number
  std::vector<std::string> warnings;  ///< what could not be read of it
  /// kUnreadable: what is here must not be taken for the file; kShort: something else is missing.
  ObjectStatus status = ObjectStatus::kOk;

  const StreamRecord* stream(uint32_t number) const;
};

/// Where a name of an object stands.
struct NamePlace {
  uint64_t parent_reference = 0;
  std::u16string name;
};

/// Reads all but the data of non-resident streams. Holds the volume's lock. Parts that are damaged
/// become warnings; a failure means the record itself cannot be read.
Result<ObjectRecord> ReadObject(Volume& volume, uint64_t file_reference, const NamePlace& place);

}  // namespace tapir::ntfs
