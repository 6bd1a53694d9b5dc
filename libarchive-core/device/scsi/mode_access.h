#pragma once

#include <cstdint>

#include "device/scsi/command_runner.h"
#include "device/scsi/mode_pages.h"

namespace tapir::scsi {

/// Reads and changes mode parameters of a drive, by the commands it has.
class ModeAccess {
 public:
  explicit ModeAccess(CommandRunner& runner) : runner_(runner) {}

  enum class Values : uint8_t { kCurrent = 0, kChangeable = 1, kDefault = 2 };
  /// kNotSupported if the drive does not have the page. `page` 0: header and block descriptor.
  Result<ModeReply> Read(uint8_t page, uint8_t subpage, Values values);
  Result<ModeReply> Read(uint8_t page, uint8_t subpage = 0) {
    return Read(page, subpage, Values::kCurrent);
  }
  /// As Read, and the page has at least `size` bytes.
  Result<ModeReply> ReadPage(uint8_t page, uint8_t subpage, size_t size);
  /// `now` as it was read. The drive may round values: read them again.
  Status Change(const ModeReply& now, const ModeChange& change);

 private:
  CommandRunner& runner_;
};

}  // namespace tapir::scsi
