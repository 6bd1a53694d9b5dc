#pragma once

#include <cstdint>

#include "tapir/base/status.h"
#include "tapir/ntfs/ntfs_address.h"

namespace tapir::ntfs {

/// Makes an image with an empty NTFS volume by mkntfs. kExists if something is there, kNotFound if
/// there is no mkntfs, kInvalidArgument for sizes it refuses.
Status MakeVolume(const NtfsAddress& address, uint64_t size_bytes);

}  // namespace tapir::ntfs
