#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ntfs/names.h"
#include "ntfs/volume.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// Something below the root of a volume.
struct Found {
  uint64_t reference = 0;
  bool is_directory = false;
};

/// A path apart: the directory above, and the last component.
struct SplitPath {
  std::string parent;  ///< "." for the root
  std::u16string name;
};
/// kUnsupported if the name is not WTF-8, or over 255 units long.
Result<SplitPath> Split(const std::string& path);

/// Finds paths of the format on a volume, by their exact names. Remembers directories. Callers
/// hold the volume's lock.
class Directories {
 public:
  explicit Directories(Volume& volume) : volume_(volume) {}

  /// kNotFound, or a device error.
  Result<Found> Find(const std::string& path);
  /// A name in a directory. `any_case`: also one that differs in case.
  Result<std::optional<Found>> FindIn(uint64_t directory, std::u16string_view name,
                                      bool any_case = false);
  void Forget(const std::string& path) { known_.erase(path); }

 private:
  Volume& volume_;
  std::unordered_map<std::string, uint64_t> known_;  ///< directories
};

/// kNotFound or a device error with the library's errno.
Result<Inode> OpenInode(Volume& volume, uint64_t reference);

}  // namespace tapir::ntfs
