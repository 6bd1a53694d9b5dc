#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir {

/// Where an NTFS volume is: "IMAGE[#N|@OFFSET]".
struct NtfsAddress {
  /// File or block device; to be read also a disk image of VHD, VMDK, E01 or qcow2 form, where its
  /// library was there when this was built.
  std::string image;
  std::optional<uint32_t> partition;     ///< from 1
  std::optional<uint64_t> offset_bytes;  ///< of its boot sector
};

inline constexpr std::string_view kNtfsPrefix = "ntfs:";

/// Reads what stands behind the prefix. A '#' or '@' belongs to the name if there is a file of the
/// whole name. kInvalidArgument.
Result<NtfsAddress> ParseNtfsAddress(std::string_view text);

/// What the key MountedDevices of Windows names the volume by (disk signature and offset, or
/// "DMIO:ID:" and the GUID of its partition). Empty: it lies on no disk with partitions, or not
/// where one begins. kInvalidArgument if there is no such partition, device errors.
Result<std::string> MountedDeviceOf(const NtfsAddress& address);

}  // namespace tapir
