#pragma once

#include <string_view>

#include "ntfs/volume.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// Gives a name in a directory a short one, which may be the same. Unlike the library's own call
/// it does so for names of files that have several. Callers hold the volume's lock, with no other
/// copy of either inode open. kInvalidArgument for what is no short name, kNotFound, device errors.
Status SetShortName(Volume& volume, uint64_t directory, uint64_t file, std::u16string_view name,
                    std::u16string_view short_name);

}  // namespace tapir::ntfs
