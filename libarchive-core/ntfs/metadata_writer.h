#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ntfs/volume.h"
#include "tapir/base/status.h"
#include "tapir/object/metadata.h"

namespace tapir::ntfs {

/// Whether $EFS may have that size, by what the volume says of its attributes.
bool EfsFits(Volume& volume, size_t size_bytes);

/// Gives an open inode $EFS, once its streams are there. Device errors. Callers hold the volume's
/// lock.
Status WriteEfs(ntfs_inode* inode, const std::string& metadata);

/// Gives an open inode everything of the metadata but names, streams and times. What the volume
/// refuses is named in `losses`. Callers hold the volume's lock.
void WriteMetadata(Volume& volume, ntfs_inode* inode, const NtfsMetadata& ntfs,
                   std::vector<std::string>& losses);

/// Sets attributes and the four times. The last thing that is done to an inode: what is below a
/// directory touches it.
void WriteTimes(ntfs_inode* inode, const NtfsMetadata& ntfs);

/// What an object that is not from an NTFS volume gets: its modification time for all four.
NtfsMetadata PlainMetadata(const Metadata& metadata);

}  // namespace tapir::ntfs
