#pragma once

#include <cstdint>

#include "ntfs/image.h"
#include "ntfs/library.h"

namespace tapir::ntfs {

/// Has libntfs-3g read and write an image.
class BlockDevice {
 public:
  /// The image must outlive it.
  explicit BlockDevice(Image& image) : image_(image) {}

  /// A device of the library, to be mounted; null without memory. This must outlive it.
  ntfs_device* Make(const char* name);

  Image& image() { return image_; }
  int64_t position = 0;  ///< of read and write

 private:
  Image& image_;
};

}  // namespace tapir::ntfs
