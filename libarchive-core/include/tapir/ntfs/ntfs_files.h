#pragma once

#include <memory>

#include "tapir/base/status.h"
#include "tapir/ntfs/ntfs_address.h"
#include "tapir/object/volume_files.h"

namespace tapir {

/// Files of an NTFS volume in an image or on a block device, without mounting it.
///
/// A short name leads to its file, too. Junctions and other reparse points are not followed: they
/// can be moved and deleted, not read or written. Neither can encrypted files. Files of NTFS itself
/// are kAccessDenied.
///
/// Write has the clusters that it needs before it touches the old contents, then writes in place:
/// if the program is killed meanwhile, the file is partly new. All names of the file show the new
/// contents. A new file gets the security that the directory hands down. A name made by Move or
/// Write has no short one until SetShortName.
///
/// The image is locked while it is open. kInvalidArgument if no NTFS volume is there, kCorrupt,
/// kBusy (Windows left it hibernated, or another process has it), device errors.
Result<std::unique_ptr<VolumeFiles>> OpenNtfsFiles(const NtfsAddress& address, bool writable);

}  // namespace tapir
