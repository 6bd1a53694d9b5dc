#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/device/tape_drive.h"
#include "tapir/device/tape_profile.h"

namespace tapir {

/// Something that goes wrong with a virtual tape, once.
struct VirtualTapeFault {
  enum class Kind {
    kBadBlock,      ///< reading the object fails, lasting
    kWriteError,    ///< writing it fails, nothing is recorded
    kShortWrite,    ///< writing it fails, half of it is recorded
    kLostPosition,  ///< at it the drive no longer knows where it stands
    kReset,         ///< at it the bus is reset
    kReadOnly,      ///< from it on the medium takes no writes
    kSlow,          ///< each block from it on takes 10 ms longer
  };
  Kind kind = Kind::kBadBlock;
  uint32_t partition = 1;
  uint64_t object = 0;
};
std::string_view VirtualTapeFaultName(VirtualTapeFault::Kind kind);

/// How a new virtual tape is made.
struct VirtualTapeOptions {
  std::string profile = "lto-9";
  uint64_t capacity_bytes = 0;       ///< 0: the profile's
  uint64_t early_warning_bytes = 0;  ///< 0: 1/64 of a partition, 4 to 64 MiB
  bool worm = false;
};

/// What a drive of the profile would have taken since the medium was loaded, in seconds.
struct TapeModelReport {
  std::string profile;
  double total_s = 0;
  double moving_s = 0;
  double streaming_s = 0;
  double hitching_s = 0;
  uint64_t back_hitches = 0;
  uint64_t locates = 0;
};

/// A tape drive with a medium, both in files: `PATH` is a SIMH tape image of the first partition,
/// `PATH.p2` and so on hold the others, `PATH.side` what an image cannot hold. Images made by other
/// programs are read as tapes; those of one partition and without setmarks are read by others.
///
/// The drive is held by one process, as a real one is. Its state, the position included, lasts from
/// one use to the next. What was written is durable after a WriteTapemark that is not immediate.
/// Compression is only a switch: blocks are stored as they come. Single-thread.
class VirtualTape final : public TapeDrive {
 public:
  enum class Mode { kExisting, kCreate };

  /// kNotFound without `kCreate`; kBusy names the process that has it; kForeign if the file is no
  /// tape image. `options` count for a new one only. A file that cannot be written is a protected
  /// medium.
  static Result<std::unique_ptr<VirtualTape>> Open(const std::string& path, Mode mode,
                                                   const VirtualTapeOptions& options = {});
  /// Puts the state away; nothing more is made durable.
  ~VirtualTape() override;

  std::string name() const override;
  Result<TapeIdentity> Identify() override;
  Result<TapeRead> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Status CreateTapePartition(TapePartitionMethod method, uint32_t count, uint32_t size_mb) override;
  Status EraseTape(TapeEraseType type, bool immediate) override;
  Result<TapeDriveParameters> GetTapeDriveParameters() override;
  Result<TapeMediaParameters> GetTapeMediaParameters() override;
  Result<TapePosition> GetTapePosition(TapePositionType type) override;
  Status GetTapeStatus() override;
  Status PrepareTape(TapePreparation operation, bool immediate) override;
  Status SetTapeDriveParameters(const TapeDriveSettings& settings) override;
  Status SetTapeMediaParameters(uint32_t block_bytes) override;
  Status SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                         bool immediate) override;
  Result<WriteOutcome> WriteTapemark(TapeMark mark, uint32_t count, bool immediate) override;
  Result<std::vector<std::byte>> ReadAttribute(TapeAttribute attribute) override;
  Status WriteAttribute(TapeAttribute attribute, std::span<const std::byte> value) override;
  Result<std::vector<uint8_t>> ReadAlerts() override;

  /// Paths of all files of the tape.
  std::vector<std::string> Files() const;
  void AddFault(const VirtualTapeFault& fault);
  void SetWriteProtected(bool write_protected);
  TapeModelReport ModelReport() const;
  /// Host time for the model, in seconds, instead of the system's clock.
  void SetClock(std::function<double()> clock);

 private:
  struct State;
  explicit VirtualTape(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace tapir
