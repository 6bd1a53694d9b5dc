#pragma once

#include "ntfs/library.h"

namespace tapir::ntfs {

/// While it stands, a flag of the mounted volume is as given. Callers hold the volume's lock.
class VolumeFlag {
 public:
  VolumeFlag(ntfs_volume* volume, ntfs_volume_state_bits flag, bool value)
      : volume_(volume), mask_(1ul << flag), before_(volume->state & mask_) {
    volume_->state = (volume_->state & ~mask_) | (value ? mask_ : 0);
  }
  ~VolumeFlag() { volume_->state = (volume_->state & ~mask_) | before_; }
  /// For good.
  static void Clear(ntfs_volume* volume, ntfs_volume_state_bits flag) {
    volume->state &= ~(1ul << flag);
  }
  VolumeFlag(const VolumeFlag&) = delete;
  VolumeFlag& operator=(const VolumeFlag&) = delete;

 private:
  ntfs_volume* volume_;
  unsigned long mask_;
  unsigned long before_;
};

}  // namespace tapir::ntfs
