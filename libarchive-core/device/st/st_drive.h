#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/st/st_calls.h"
#include "tapir/device/tape_drive.h"

namespace tapir::st {

/// What st moves at once.
inline constexpr uint32_t kMaxBlockBytes = 1u << 20;

/// A tape drive by the st driver of Linux, on a no-rewind node.
///
/// Positions are those of the drive, marks counted, in partitions where the driver may be told so;
/// else those it has, used in the same way. What the driver has no call for is kNotSupported:
/// setmarks, formatting, cartridge memory, alerts, doing something without waiting (but filemarks),
/// and partitions but two of which the first has a size. Blocks are 1 MiB long at most.
///
/// After a reset each call that depends on the position fails with kBusReset until SetTapePosition
/// went to the beginning or to a block, or a medium was loaded. The driver may take
/// blocks before they are on their way: the call that brings their error is a later one, and did
/// nothing itself.
class StDrive final : public TapeDrive {
 public:
  /// Opens `node`, for reading alone if it cannot be written to: it is write protected then. A
  /// medium need not be there. `calls` are those to `node`; `sysfs` is where the system tells of
  /// its devices.
  /// `wait` takes milliseconds; empty: sleeps.
  static Result<std::unique_ptr<StDrive>> Open(const std::string& node,
                                               std::unique_ptr<StCalls> calls,
                                               const std::string& sysfs = "/sys",
                                               std::function<void(uint32_t)> wait = {});
  /// Sees to it that the driver leaves no filemark behind that nobody asked for.
  ~StDrive() override;

  std::string name() const override { return node_; }
  Result<TapeIdentity> Identify() override;

  Result<TapeRead> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;

  Status CreateTapePartition(TapePartitionMethod method, uint32_t count, uint32_t size_mb) override;
  Status EraseTape(TapeEraseType type, bool immediate) override;
  Result<TapeDriveParameters> GetTapeDriveParameters() override;
  Result<TapeMediaParameters> GetTapeMediaParameters() override;
  Result<TapePosition> GetTapePosition(TapePositionType type) override;
  Status GetTapeStatus() override;
  /// Opens the node again and again: while it does that, the driver waits for two minutes.
  Status MakeReady(const TapeLoadingWatch& watch) override;
  Status PrepareTape(TapePreparation operation, bool immediate) override;
  /// Compression as the drive has it is not told: it counts as off until it was set.
  Status SetTapeDriveParameters(const TapeDriveSettings& settings) override;
  Status SetTapeMediaParameters(uint32_t block_bytes) override;
  Status SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                         bool immediate) override;
  Result<WriteOutcome> WriteTapemark(TapeMark mark, uint32_t count, bool immediate) override;

  Result<std::vector<std::byte>> ReadAttribute(TapeAttribute attribute) override;
  Status WriteAttribute(TapeAttribute attribute, std::span<const std::byte> value) override;
  Result<std::vector<uint8_t>> ReadAlerts() override;

 private:
  StDrive(std::string node, std::unique_ptr<StCalls> calls, std::string sysfs,
          std::function<void(uint32_t)> wait);

  int OpenNode();
  int OpenAs(int waiting);
  void Introduce();

  Status Failure(TapeError error, std::string_view doing) const;
  Status NotSupported(std::string_view what) const;
  Status Failed(std::string_view doing, int error);
  bool NoticeReset();
  Status Lose(std::string_view doing);

  // Where it stands.
  std::optional<uint64_t> Where();
  Status Settle(std::string_view doing);
  void Forget();
  bool MetEnd();
  bool EndsHere();

  // Reading and writing.
  Result<TapeRead> MetNoBlock();
  Result<TapeRead> ReadFailed(int error);
  Result<WriteOutcome> WriteFailed(std::span<const std::byte> block, int error);
  Result<WriteOutcome> MarkFailed(uint32_t count, int error);
  Status Flush();
  void StopWriting();

  // Moving.
  Status Operate(std::string_view doing, short operation, int count);
  Status Rewind();
  void RewindIfLost();
  Status Load();
  Status Seek(uint32_t partition, int64_t block);
  Status ToEndOfData(uint32_t partition);
  Status Space(TapePositioning method, int64_t count);
  Status WhyStopped(bool blocks, bool forward, uint64_t from, int error);
  bool StandsBeforeMark(uint64_t block);
  Status SwitchTo(uint32_t partition);
  Status Regain();

  std::string node_;
  std::string sysfs_;
  std::unique_ptr<StCalls> calls_;
  std::function<void(uint32_t)> wait_;
  bool writable_ = true;
  uint32_t block_bytes_ = 0;
  std::optional<bool> compression_;
  bool partitions_ = false;           // the driver lets them be changed
  std::optional<uint64_t> position_;  // in the current partition, while it is known
  bool at_end_ = false;               // of data; reading on is an error for the driver
  bool unmarked_ = false;             // the driver was given a block last, and would write a mark
  bool near_end_ = false;             // early warning was met by writing
  bool lost_ = false;                 // by a reset
  bool told_lost_ = false;            // by GetTapeStatus
  std::vector<std::byte> bounce_;
};

}  // namespace tapir::st
