#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/ntfs/ntfs_address.h"

namespace tapir::ntfs {

/// The bytes of a disk or of a volume, wherever they are. Thread-safe.
class Image {
 public:
  virtual ~Image() = default;
  /// Reads all of it or fails; behind the end is a failure (EIO).
  virtual Status ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) = 0;
  /// EROFS where it was opened for reading.
  virtual Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) = 0;
  virtual Status Sync() = 0;
  virtual uint64_t size_bytes() const = 0;
};

/// A file or block device as it is. A lock keeps two writers apart. kBusy, device errors.
Result<std::unique_ptr<Image>> OpenRawImage(const std::string& path, bool writable);

/// Part of another image.
std::unique_ptr<Image> Window(std::unique_ptr<Image> whole, uint64_t offset_bytes,
                              uint64_t size_bytes);

/// The volume an address names. Without partition and offset: the whole image if an NTFS volume
/// begins there, or the only partition that holds one. kInvalidArgument naming what is there.
Result<std::unique_ptr<Image>> OpenVolumeImage(const NtfsAddress& address, bool writable);

}  // namespace tapir::ntfs
