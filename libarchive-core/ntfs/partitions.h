#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ntfs/image.h"

namespace tapir::ntfs {

struct Partition {
  uint32_t number = 0;  ///< from 1, as Linux counts them
  uint64_t offset_bytes = 0;
  uint64_t size_bytes = 0;
  /// What the key MountedDevices of Windows names a volume there by: disk signature and offset, or
  /// "DMIO:ID:" and the GUID of the partition.
  std::string mounted_device;
};

/// The partitions of a disk with an MBR (logical ones too) or GPT, inside of it; none if it has
/// neither. Sources: UEFI specification 2.10, chapter 5.
Result<std::vector<Partition>> ReadPartitions(Image& disk);

/// Whether an NTFS boot sector stands at the offset.
bool HoldsNtfs(Image& disk, uint64_t offset_bytes);

}  // namespace tapir::ntfs
