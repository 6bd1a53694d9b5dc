#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ntfs/volume.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// Calls of libntfs-3g that make, add and remove names. Callers hold the volume's lock, with no
/// copy of an inode concerned open.

enum class Security {
  kNone,       ///< it is set later
  kInherited,  ///< from the directory, owned by administrators
};

/// An empty file or directory; its reference.
Result<uint64_t> CreateName(Volume& volume, uint64_t directory, std::u16string_view name,
                            bool is_directory, Security security);
Status AddName(Volume& volume, uint64_t directory, std::u16string_view name, uint64_t reference);
/// With the short name that goes with it; the object too if that was its last name. ENOTEMPTY.
Status RemoveName(Volume& volume, uint64_t directory, std::u16string_view name, uint64_t reference);

/// A name that an object has in a directory.
struct OwnName {
  std::u16string name;
  FILE_NAME_TYPE_FLAGS kind = FILE_NAME_POSIX;
};
Result<std::vector<OwnName>> NamesOf(Volume& volume, uint64_t reference, uint64_t directory);

}  // namespace tapir::ntfs
