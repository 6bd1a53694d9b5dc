#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/spool.h"
#include "tapir/object/object_target.h"

namespace tapir {

/// Collects what POSIX cannot hold of objects from NTFS volumes, for one file in each directory:
/// ".tapir-windows.json". See the manual page for its fields. Memory: 16 bytes for each object and
/// the paths of the directories; the rest is spooled. One thread at a time.
class WindowsSidecars {
 public:
  WindowsSidecars();

  Status Add(const Metadata& metadata);
  /// Makes the files; those that cannot be are told.
  Status Write(ObjectTarget& target, Reporter& reporter);

 private:
  struct Text {
    uint64_t offset = 0;  ///< in the spool
    uint64_t bytes = 0;
  };
  struct Directory {
    Timestamp latest;  ///< modification time of what is in it
    std::vector<Text> objects;
  };

  Result<std::string> TextOf(const Directory& directory);

  Spool spool_;
  std::map<std::string, Directory> directories_;  ///< by path
};

}  // namespace tapir
