#pragma once

#include <memory>
#include <string>

#include "ntfs/image.h"

namespace tapir::ntfs {

/// What holds a disk in a form of its own, told by its first bytes.
enum class DiskFormat : uint8_t { kRaw, kVhd, kVmdk, kEwf, kQcow };

/// kRaw for everything that has no other form, a VHD of fixed size too: its disk begins at byte 0.
Result<DiskFormat> DiskFormatOf(const std::string& path);

/// The disk in the file, read-only but for kRaw. kUnsupported where the library for its form was
/// not there when this was built, or if it is to be written; kCorrupt, device errors.
Result<std::unique_ptr<Image>> OpenDiskImage(const std::string& path, bool writable);

}  // namespace tapir::ntfs
