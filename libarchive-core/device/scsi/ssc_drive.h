#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/scsi/block_protection.h"
#include "device/scsi/command_runner.h"
#include "device/scsi/mode_access.h"
#include "device/scsi/position_keeper.h"
#include "device/scsi/replies.h"
#include "device/scsi/transport.h"
#include "tapir/device/tape_drive.h"

namespace tapir::scsi {

struct SscDriveOptions {
  /// Logical block protection where the drive has it; in variable block mode only, and until a
  /// block comes with whose check bytes the way to the drive would be too narrow.
  bool protect_blocks = true;
  /// Waits so many milliseconds for a drive that is not ready; empty: sleeps.
  std::function<void(uint32_t)> wait;
};

/// A tape drive by SCSI commands (SSC), whatever carries them.
///
/// Absolute block addresses are those of logical objects: the drives that had others are gone, and
/// so are setmarks, which are kNotSupported. Partition 0 is reported for them, as Win32 does.
///
/// After a reset or a change of medium each call that depends on the position fails with kBusReset
/// or kMediaChanged until SetTapePosition went to a place that does not depend on where the drive
/// stood, or a medium was loaded; GetTapePosition tells what the drive says all the same. Settings
/// of the drive are made good again before the next block is read or written. An error of an
/// earlier write, which a drive may tell late, fails the call that brought it; what that call asked
/// for was not done.
class SscDrive final : public TapeDrive {
 public:
  /// kUnsupported if it is no sequential-access device. A medium need not be there.
  static Result<std::unique_ptr<SscDrive>> Open(std::unique_ptr<ScsiTransport> transport,
                                                SscDriveOptions options = {});

  /// Switches block protection off: whoever uses the drive next may know nothing of it.
  ~SscDrive() override;

  std::string name() const override { return runner_.transport().name(); }
  Result<TapeIdentity> Identify() override;

  Result<TapeRead> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;

  Status CreateTapePartition(TapePartitionMethod method, uint32_t count, uint32_t size_mb) override;
  Status EraseTape(TapeEraseType type, bool immediate) override;
  Result<TapeDriveParameters> GetTapeDriveParameters() override;
  Result<TapeMediaParameters> GetTapeMediaParameters() override;
  Result<TapePosition> GetTapePosition(TapePositionType type) override;
  Status GetTapeStatus() override;
  Status MakeReady(const TapeLoadingWatch& watch) override;
  Status PrepareTape(TapePreparation operation, bool immediate) override;
  Status SetTapeDriveParameters(const TapeDriveSettings& settings) override;
  Status SetTapeMediaParameters(uint32_t block_bytes) override;
  Status SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                         bool immediate) override;
  Result<WriteOutcome> WriteTapemark(TapeMark mark, uint32_t count, bool immediate) override;

  Result<std::vector<std::byte>> ReadAttribute(TapeAttribute attribute) override;
  Status WriteAttribute(TapeAttribute attribute, std::span<const std::byte> value) override;
  Result<std::vector<uint8_t>> ReadAlerts() override;

 private:
  SscDrive(SscDriveOptions options, InquiryData inquiry, CommandRunner&& runner);

  void Introduce();
  void Learn();
  Status Refresh();
  Status RefreshBlockSize();
  uint32_t MaxBlockBytes() const;
  Status StopProtecting();

  // Reading and writing.
  Result<Answer> ReadOnce(bool fixed, uint32_t count, std::span<std::byte> room);
  bool MayReadAgain(const std::optional<uint64_t>& before);
  Result<TapeRead> ReadVariable(std::span<std::byte> buffer);
  Result<TapeRead> ReadFixed(std::span<std::byte> buffer);
  Result<size_t> BlockSize(const Answer& answer, std::span<std::byte> room);
  Result<TapeRead> TakeBlock(std::span<const std::byte> received, std::span<std::byte> buffer);
  std::optional<TapeRead> MetNoBlock(const Answer& answer);
  Result<std::span<const std::byte>> Outgoing(std::span<const std::byte> block);
  Result<WriteOutcome> WriteObjects(const Cdb& cdb, std::span<const std::byte> sent,
                                    uint64_t objects, std::string_view doing);
  Result<WriteOutcome> WriteResult(const Answer& answer, uint64_t objects, std::string_view doing);

  // The nine functions.
  Status Load(bool retension, bool immediate);
  Status Unload(bool immediate);
  Status Lock(bool lock, bool immediate);
  Status Format(FormatKind kind, bool immediate);
  Status ToBeginningOfMedium();
  Status Overwrite(const Cdb& cdb, OverwriteAt where, std::string_view doing);
  Status SetCompression(bool wanted);
  Status SetWarningZone(uint32_t bytes);
  uint32_t PartitionFeatures(TapeDriveParameters& parameters);
  uint32_t FeaturesLow();
  uint32_t FeaturesHigh();
  Result<uint32_t> CurrentPartition();
  void FillCapacity(TapeMediaParameters& parameters);

  Result<std::vector<std::byte>> ReadLog(uint8_t page);

  SscDriveOptions options_;
  CommandRunner runner_;
  ModeAccess modes_;
  BlockProtection protection_;
  InquiryData inquiry_;
  bool odd_target_;  // moves fewer bytes than asked for, and calls every medium WORM
  PositionKeeper position_;
  std::string serial_number_;
  std::optional<BlockLimits> limits_;
  std::optional<TapeDriveSettings> settings_;  // as they were set, to be made good again
  uint32_t block_bytes_ = 0;
  std::vector<std::byte> bounce_;
};

}  // namespace tapir::scsi
