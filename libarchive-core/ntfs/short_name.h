#pragma once

#include <string>
#include <string_view>

#include "ntfs/volume.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// Gives a name in a directory a short one, which may be the same. Unlike the library's own call
/// it does so for names of files that have several. Callers hold the volume's lock, with no other
/// copy of either inode open. kInvalidArgument for what is no short name, kNotFound, device errors.
Status SetShortName(Volume& volume, uint64_t directory, uint64_t file, std::u16string_view name,
                    std::u16string_view short_name);

/// The same, in place of the short name that it has, in upper case. kExists if another name of the
/// directory is the same, or if the file's short name goes with another name there.
Status ReplaceShortName(Volume& volume, uint64_t directory, uint64_t file,
                        const std::u16string& name, std::u16string_view short_name);

}  // namespace tapir::ntfs
