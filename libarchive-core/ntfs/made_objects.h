#pragma once

#include <cstdint>
#include <unordered_map>

#include "tapir/object/ntfs_metadata.h"

namespace tapir::ntfs {

/// Times and attributes of what a restore made, to be set when nothing touches it any more.
/// Bounded by the number of objects, 48 bytes each. Single-thread.
class MadeObjects {
 public:
  void Add(uint64_t reference, const NtfsMetadata& ntfs) {
    rows_.insert_or_assign(reference,
                           Row{ntfs.creation_time, ntfs.modification_time, ntfs.change_time,
                               ntfs.access_time, ntfs.file_attributes});
  }
  bool Contains(uint64_t reference) const { return rows_.contains(reference); }
  void Remove(uint64_t reference) { rows_.erase(reference); }

  /// Calls `set` with each reference and what is known of it.
  template <typename Set>
  void ForEach(Set set) const {
    for (const auto& [reference, row] : rows_) {
      NtfsMetadata ntfs;
      ntfs.creation_time = row.creation;
      ntfs.modification_time = row.modification;
      ntfs.change_time = row.change;
      ntfs.access_time = row.access;
      ntfs.file_attributes = row.attributes;
      set(reference, ntfs);
    }
  }

 private:
  struct Row {
    uint64_t creation;
    uint64_t modification;
    uint64_t change;
    uint64_t access;
    uint32_t attributes;
  };
  std::unordered_map<uint64_t, Row> rows_;
};

}  // namespace tapir::ntfs
