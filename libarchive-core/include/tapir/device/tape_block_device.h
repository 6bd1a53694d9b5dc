#pragma once

#include <memory>
#include <string>

#include "tapir/device/block_device.h"
#include "tapir/device/tape_drive.h"

namespace tapir {

/// A tape as the container sees it: blocks and filemarks of the partition the drive stands in.
///
/// position().object counts both from the beginning of the partition and is asked of the drive
/// after each failure; position().offset_bytes counts only what passed through here. Not
/// thread-safe.
class TapeBlockDevice final : public BlockDevice {
 public:
  /// Turns on blocks of any size where the drive has them, and rewinds. Fails as the drive does,
  /// e.g. kNoMediaInDrive.
  static Result<std::unique_ptr<TapeBlockDevice>> Create(std::unique_ptr<TapeDrive> drive);
  /// The same on a drive that stays the caller's and must outlive this.
  static Result<std::unique_ptr<TapeBlockDevice>> Borrow(TapeDrive& drive);

  DeviceTraits traits() const override { return traits_; }
  DevicePosition position() const override { return position_; }
  std::string name() const override { return drive_->name(); }
  Result<ReadOutcome> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) override;
  Status Locate(const DevicePosition& to) override;
  Status LocateEnd() override;
  Status Sync() override;
  Status Erase() override;
  /// In the volume coherency information (attribute 080Ch), bound to the volume change reference.
  Status KeepNote(std::span<const std::byte> note) override;
  std::vector<std::byte> FindNote() override;

  TapeDrive& drive() { return *drive_; }
  const TapeDrive& drive() const { return *drive_; }

 private:
  explicit TapeBlockDevice(TapeDrive& drive) : drive_(&drive) {}
  Status Failed(Status status);

  std::unique_ptr<TapeDrive> owned_;
  TapeDrive* drive_;
  DeviceTraits traits_;
  DevicePosition position_;
};

}  // namespace tapir
