#pragma once

#include <cstdint>
#include <span>

#include "device/scsi/mode_access.h"

namespace tapir::scsi {

/// Logical block protection: between host and drive each block is followed by its CRC-32C, which
/// the drive checks when it writes and the host when it reads (SSC, method 2).
class BlockProtection {
 public:
  explicit BlockProtection(ModeAccess& modes) : modes_(modes) {}

  /// Makes the drive's setting `wanted`, as far as it has the method; to be called again whenever
  /// the setting may have been lost. A failure if it was in use and cannot be had any more.
  Status Ensure(bool wanted);

  bool on() const { return on_; }
  /// Bytes behind each block on the way.
  size_t extra_bytes() const { return on_ ? kProtectionBytes : 0; }

  /// Fills the last four bytes of `sent` from those before them.
  static void Seal(std::span<std::byte> sent);
  /// False if the last four bytes do not belong to those before them.
  static bool Check(ByteSpan received);

 private:
  Status Select(bool wanted);

  ModeAccess& modes_;
  bool refused_ = false;  // for good
  bool on_ = false;
};

}  // namespace tapir::scsi
