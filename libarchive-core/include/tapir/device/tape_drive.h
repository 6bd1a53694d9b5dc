#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/device/tape_error.h"

namespace tapir {

/// Bits of TAPE_GET_DRIVE_PARAMETERS::FeaturesLow.
namespace tape_features_low {
inline constexpr uint32_t kFixed = 0x1;
inline constexpr uint32_t kSelect = 0x2;
inline constexpr uint32_t kInitiator = 0x4;
inline constexpr uint32_t kEraseShort = 0x10;
inline constexpr uint32_t kEraseLong = 0x20;
inline constexpr uint32_t kEraseBopOnly = 0x40;
inline constexpr uint32_t kEraseImmediate = 0x80;
inline constexpr uint32_t kTapeCapacity = 0x100;
inline constexpr uint32_t kTapeRemaining = 0x200;
inline constexpr uint32_t kFixedBlock = 0x400;
inline constexpr uint32_t kVariableBlock = 0x800;
inline constexpr uint32_t kWriteProtect = 0x1000;
inline constexpr uint32_t kEotWarningZoneSize = 0x2000;
inline constexpr uint32_t kEcc = 0x10000;
inline constexpr uint32_t kCompression = 0x20000;
inline constexpr uint32_t kPadding = 0x40000;
inline constexpr uint32_t kReportSetmarks = 0x80000;
inline constexpr uint32_t kGetAbsoluteBlock = 0x100000;
inline constexpr uint32_t kGetLogicalBlock = 0x200000;
inline constexpr uint32_t kSetEotWarningZoneSize = 0x400000;
inline constexpr uint32_t kEjectMedia = 0x1000000;
inline constexpr uint32_t kCleanRequests = 0x2000000;
inline constexpr uint32_t kSetCompressionBopOnly = 0x4000000;
}  // namespace tape_features_low

/// Bits of FeaturesHigh. Win32 sets bit 31 in each constant; here it stands in the word alone.
namespace tape_features_high {
inline constexpr uint32_t kLoadUnload = 0x1;
inline constexpr uint32_t kTension = 0x2;
inline constexpr uint32_t kLockUnlock = 0x4;
inline constexpr uint32_t kRewindImmediate = 0x8;
inline constexpr uint32_t kSetBlockSize = 0x10;
inline constexpr uint32_t kLoadUnloadImmediate = 0x20;
inline constexpr uint32_t kTensionImmediate = 0x40;
inline constexpr uint32_t kLockUnlockImmediate = 0x80;
inline constexpr uint32_t kSetEcc = 0x100;
inline constexpr uint32_t kSetCompression = 0x200;
inline constexpr uint32_t kSetPadding = 0x400;
inline constexpr uint32_t kSetReportSetmarks = 0x800;
inline constexpr uint32_t kAbsoluteBlock = 0x1000;
inline constexpr uint32_t kAbsoluteBlockImmediate = 0x2000;
inline constexpr uint32_t kLogicalBlock = 0x4000;
inline constexpr uint32_t kLogicalBlockImmediate = 0x8000;
inline constexpr uint32_t kEndOfData = 0x10000;
inline constexpr uint32_t kRelativeBlocks = 0x20000;
inline constexpr uint32_t kFilemarks = 0x40000;
inline constexpr uint32_t kSequentialFilemarks = 0x80000;
inline constexpr uint32_t kSetmarks = 0x100000;
inline constexpr uint32_t kSequentialSetmarks = 0x200000;
inline constexpr uint32_t kReversePosition = 0x400000;
inline constexpr uint32_t kSpaceImmediate = 0x800000;
inline constexpr uint32_t kWriteSetmarks = 0x1000000;
inline constexpr uint32_t kWriteFilemarks = 0x2000000;
inline constexpr uint32_t kWriteShortFilemarks = 0x4000000;
inline constexpr uint32_t kWriteLongFilemarks = 0x8000000;
inline constexpr uint32_t kWriteMarkImmediate = 0x10000000;
inline constexpr uint32_t kFormat = 0x20000000;
inline constexpr uint32_t kFormatImmediate = 0x40000000;
inline constexpr uint32_t kHighGroup = 0x80000000;
}  // namespace tape_features_high

/// TAPE_GET_DRIVE_PARAMETERS.
struct TapeDriveParameters {
  bool ecc = false;
  bool compression = false;
  bool data_padding = false;
  bool report_setmarks = false;
  uint32_t default_block_bytes = 0;
  uint32_t max_block_bytes = 0;  ///< what the way to the drive can do is included
  uint32_t min_block_bytes = 0;
  uint32_t max_partition_count = 1;
  uint32_t features_low = 0;
  uint32_t features_high = 0;
  uint32_t eot_warning_zone_bytes = 0;
};

/// TAPE_SET_DRIVE_PARAMETERS.
struct TapeDriveSettings {
  bool ecc = false;
  bool compression = false;
  bool data_padding = false;
  bool report_setmarks = false;
  uint32_t eot_warning_zone_bytes = 0;
};

/// TAPE_GET_MEDIA_PARAMETERS, of the current partition.
struct TapeMediaParameters {
  int64_t capacity_bytes = -1;   ///< -1: the drive does not tell
  int64_t remaining_bytes = -1;  ///< the same
  uint32_t block_bytes = 0;      ///< 0: blocks of any size
  uint32_t partition_count = 1;  ///< 0: the drive does not tell
  bool write_protected = false;
};

/// Values as in the Win32 functions of the same names.
enum class TapePartitionMethod : uint8_t { kFixed = 0, kSelect = 1, kInitiator = 2 };
enum class TapeEraseType : uint8_t { kShort = 0, kLong = 1 };
enum class TapePositionType : uint8_t { kAbsolute = 0, kLogical = 1, kPseudoLogical = 2 };
enum class TapePreparation : uint8_t {
  kLoad = 0,
  kUnload = 1,
  kTension = 2,
  kLock = 3,
  kUnlock = 4,
  kFormat = 5,
};
enum class TapePositioning : uint8_t {
  kRewind = 0,
  kAbsoluteBlock = 1,
  kLogicalBlock = 2,
  kPseudoLogicalBlock = 3,
  kEndOfData = 4,
  kRelativeBlocks = 5,
  kFilemarks = 6,
  kSequentialFilemarks = 7,
  kSetmarks = 8,
  kSequentialSetmarks = 9,
};
enum class TapeMark : uint8_t {
  kSetmark = 0,
  kFilemark = 1,
  kShortFilemark = 2,
  kLongFilemark = 3,
};

/// Partitions count from 1. Blocks and marks share one numbering from 0 in each partition.
struct TapePosition {
  uint32_t partition = 1;
  uint64_t block = 0;
};

enum class TapeReadKind { kBlock, kFilemark, kSetmark, kEndOfData };
struct TapeRead {
  TapeReadKind kind = TapeReadKind::kEndOfData;
  size_t size = 0;  ///< of a block, in bytes
};

/// Attributes of the cartridge memory (MAM) that are used here, by their identifiers.
enum class TapeAttribute : uint16_t {
  kRemainingCapacity = 0x0000,
  kMaximumCapacity = 0x0001,
  kTapeAlert = 0x0002,
  kLoadCount = 0x0003,
  kVolumeChangeReference = 0x0009,
  kManufacturer = 0x0400,
  kSerialNumber = 0x0401,
  kApplicationVendor = 0x0800,
  kApplicationName = 0x0801,
  kApplicationVersion = 0x0802,
  kUserTextLabel = 0x0803,
  kDateLastWritten = 0x0804,
  kTextLocalization = 0x0805,
  kBarcode = 0x0806,
  kOwningHost = 0x0807,
  kMediaPool = 0x0808,
  kApplicationFormatVersion = 0x080B,
  kVolumeCoherency = 0x080C,
};

/// What the drive says of itself and of its way here; empty or 0 where it does not tell.
struct TapeIdentity {
  std::string vendor;
  std::string product;
  std::string revision;
  std::string serial_number;
  std::string way;               ///< "virtual tape", "st driver", "SCSI by /dev/sg1", "iSCSI"
  uint8_t density_code = 0;      ///< of the medium
  bool worm = false;             ///< the medium can be appended to and nothing else
  bool protects_blocks = false;  ///< logical block protection (CRC-32C) is in use
  /// Then the longest block for which the way here has room with its check: of longer ones none is
  /// protected any more.
  uint32_t max_protected_bytes = 0;
};

/// A medium that is on its way.
struct TapeLoading {
  uint64_t waited_ms = 0;
  std::optional<unsigned> percent;  ///< done, if the drive tells
};
/// Told of it about once a second; false: it is not waited for any longer. May be empty.
using TapeLoadingWatch = std::function<bool(const TapeLoading&)>;

/// A tape drive: the nine Win32 tape functions option for option, reading and writing, and what
/// later drives have besides (cartridge memory, TapeAlert).
///
/// Not thread-safe: one thread at a time. Failures are TapeFailure statuses; an option the drive
/// does not have is kNotSupported and never imitated, unless its documentation here says so.
/// "Immediate" calls may return when the operation has begun; GetTapeStatus answers kNotReady until
/// it is over. Buffers belong to the caller. After any failure GetTapePosition tells where the
/// drive stands, if it knows.
class TapeDrive {
 public:
  virtual ~TapeDrive() = default;

  /// For messages, e.g. "/dev/nst0".
  virtual std::string name() const = 0;
  virtual Result<TapeIdentity> Identify() = 0;

  /// Reads one block, or meets what stands there and passes it (end of data is not passed). A block
  /// longer than `buffer` is kInvalidBlockLength; the drive then stands behind it.
  virtual Result<TapeRead> Read(std::span<std::byte> buffer) = 0;
  /// Writes one block at the position; everything behind it is lost.
  virtual Result<WriteOutcome> Write(std::span<const std::byte> block) = 0;

  /// Makes `count` partitions; all data on the medium is lost. `size_mb` counts for kInitiator, in
  /// 10^6 bytes, of each partition but the last, which gets the rest.
  virtual Status CreateTapePartition(TapePartitionMethod method, uint32_t count,
                                     uint32_t size_mb) = 0;
  /// kShort: an end of data at the position; kLong: everything up to the partition's end.
  virtual Status EraseTape(TapeEraseType type, bool immediate) = 0;
  virtual Result<TapeDriveParameters> GetTapeDriveParameters() = 0;
  virtual Result<TapeMediaParameters> GetTapeMediaParameters() = 0;
  virtual Result<TapePosition> GetTapePosition(TapePositionType type) = 0;
  /// OK: ready. kDeviceRequiresCleaning is an answer of a drive that is ready all the same.
  virtual Status GetTapeStatus() = 0;
  /// Loads a cartridge that is in the drive and not loaded, and waits for one that is on its way:
  /// up to two hours, which the first use of a cartridge may take. OK if there is nothing to wait
  /// for, whatever the state; kCancelled if `watch` ends it.
  virtual Status MakeReady(const TapeLoadingWatch& /*watch*/) { return OkStatus(); }
  virtual Status PrepareTape(TapePreparation operation, bool immediate) = 0;
  virtual Status SetTapeDriveParameters(const TapeDriveSettings& settings) = 0;
  /// 0: blocks of any size.
  virtual Status SetTapeMediaParameters(uint32_t block_bytes) = 0;
  /// `partition`: 0 is the current one. `offset`: a block number, or of relative methods how many
  /// to pass, backward if negative. A mark, an end of data or a beginning that stops the movement
  /// is kFilemarkDetected, kSetmarkDetected, kNoDataDetected or kBeginningOfMedia.
  virtual Status SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                                 bool immediate) = 0;
  /// Not `immediate`: the marks and all data before them are on the medium on return; `count` 0
  /// makes that sure of the data alone.
  virtual Result<WriteOutcome> WriteTapemark(TapeMark mark, uint32_t count, bool immediate) = 0;

  /// The value of a cartridge memory attribute of the current partition; kNoDataDetected if it is
  /// not set, kNotSupported if the drive or cartridge has none.
  virtual Result<std::vector<std::byte>> ReadAttribute(TapeAttribute attribute) = 0;
  /// An empty value removes it.
  virtual Status WriteAttribute(TapeAttribute attribute, std::span<const std::byte> value) = 0;
  /// Numbers of the TapeAlert flags that are up, 1 to 64, in order.
  virtual Result<std::vector<uint8_t>> ReadAlerts() = 0;
};

}  // namespace tapir
