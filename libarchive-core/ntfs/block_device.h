#pragma once

#include <cstdint>

#include "ntfs/image.h"
#include "ntfs/library.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// Has libntfs-3g read and write an image.
class BlockDevice {
 public:
  /// The image must outlive it.
  explicit BlockDevice(Image& image) : image_(image) {}

  /// A device of the library, to be mounted; null without memory. This must outlive it.
  ntfs_device* Make(const char* name);

  Image& image() { return image_; }
  /// The first time that the image could not be read or written; the library passes on less.
  const Status& failure() const { return failure_; }
  /// For the operations of the library.
  void NoteFailure(const Status& failure) {
    if (failure_.ok()) failure_ = failure;
  }
  int64_t position = 0;  ///< of read and write

 private:
  Image& image_;
  Status failure_;
};

}  // namespace tapir::ntfs
