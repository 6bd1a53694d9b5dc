#include "device/st/st_drive.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "tapir/device/tape_devices.h"

namespace tapir::st {
namespace {

constexpr uint32_t kUsualBlockBytes = 64u << 10;

TapeError ErrorOf(int error) {
  switch (error) {
    case EACCES:
    case EROFS: return TapeError::kWriteProtected;
    case ENOMEDIUM: return TapeError::kNoMediaInDrive;
    case EBUSY: return TapeError::kNotReady;
    case EINVAL: return TapeError::kInvalidParameter;
    case EOVERFLOW: return TapeError::kInvalidBlockLength;
    case ENOSPC: return TapeError::kEndOfMedia;
    case ENOSYS:
    case ENOTTY:
    case EOPNOTSUPP: return TapeError::kNotSupported;
    default: return TapeError::kIoDevice;
  }
}

void Sleep(uint32_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

uint32_t BlockBytesOf(const mtget& state) {
  return static_cast<uint32_t>(state.mt_dsreg & MT_ST_BLKSIZE_MASK);
}

}  // namespace

Result<std::unique_ptr<StDrive>> StDrive::Open(const std::string& node,
                                               std::unique_ptr<StCalls> calls,
                                               const std::string& sysfs,
                                               std::function<void(uint32_t)> wait) {
  std::unique_ptr<StDrive> drive(new StDrive(node, std::move(calls), sysfs, std::move(wait)));
  if (int error = drive->OpenNode(); error != 0) {
    const std::string doing = "cannot open '" + node + "'";
    bool absent = error == ENOENT || error == ENXIO || error == ENODEV;
    return absent ? NotFound(doing + ": no such tape drive") : Status::FromErrno(error, doing);
  }
  drive->Introduce();
  return drive;
}

StDrive::StDrive(std::string node, std::unique_ptr<StCalls> calls, std::string sysfs,
                 std::function<void(uint32_t)> wait)
    : node_(std::move(node)),
      sysfs_(std::move(sysfs)),
      calls_(std::move(calls)),
      wait_(wait ? std::move(wait) : Sleep) {}

StDrive::~StDrive() { Flush().ok(); }

int StDrive::OpenAs(int waiting) {
  writable_ = true;
  int error = calls_->Open(O_RDWR | waiting);
  if (error != EROFS && error != EACCES) return error;
  writable_ = false;
  return calls_->Open(O_RDONLY | waiting);
}

// Where there is no medium the driver, left to wait, does so for minutes. What is worth waiting
// for is a medium that is on its way.
int StDrive::OpenNode() {
  int error = OpenAs(O_NONBLOCK);
  mtget state{};
  if (error != 0 || calls_->Ask(state) != 0) return error;
  if (GMT_ONLINE(state.mt_gstat) || GMT_DR_OPEN(state.mt_gstat)) return 0;
  error = OpenAs(0);
  return error == ENOMEDIUM || error == EIO ? OpenAs(O_NONBLOCK) : error;
}

void StDrive::Introduce() {
  // Only root may; without these, positions are the drive's own and partitions stay as they are.
  calls_->Operate(MTSETDRVBUFFER, MT_ST_SETBOOLEANS | MT_ST_SCSI2LOGICAL);
  partitions_ = calls_->Operate(MTSETDRVBUFFER, MT_ST_SETBOOLEANS | MT_ST_CAN_PARTITIONS) == 0;
  mtget state{};
  if (calls_->Ask(state) == 0) block_bytes_ = BlockBytesOf(state);
  position_ = Where();
  if (!position_) NoticeReset();
}

Status StDrive::Failure(TapeError error, std::string_view doing) const {
  return TapeFailure(error, fmt::format("{}: {}", node_, doing));
}

Status StDrive::NotSupported(std::string_view what) const {
  return Failure(TapeError::kNotSupported, what);
}

// The failure that an errno stands for.
Status StDrive::Failed(std::string_view doing, int error) {
  TapeError what = ErrorOf(error);
  if (what == TapeError::kIoDevice) {
    if (NoticeReset()) return Lose(doing);
    mtget state{};
    if (calls_->Ask(state) == 0 && GMT_DR_OPEN(state.mt_gstat)) what = TapeError::kNoMediaInDrive;
  }
  return Failure(what, doing);
}

// After a reset the driver refuses everything that depends on the position; older ones also tell
// nothing of their state.
bool StDrive::NoticeReset() {
  if (Where()) return lost_;
  mtget state{};
  int error = calls_->Ask(state);
  bool reset = error == EIO || (error == 0 && GMT_ONLINE(state.mt_gstat) && state.mt_fileno < 0);
  if (reset) {
    lost_ = true;
    // The driver knows, and will not mark anything.
    unmarked_ = false;
  }
  return lost_;
}

Status StDrive::Lose(std::string_view doing) {
  if (!std::exchange(lost_, true)) StopWriting();
  Forget();
  return Failure(TapeError::kBusReset, doing);
}

// After a block was given to it the driver closes, rewinds and seeks with a mark first, wherever
// the drive stands by then: after a reset that it did not notice, at the beginning of the tape.
// Spacing over nothing is all that ends this without a mark.
void StDrive::StopWriting() {
  if (!std::exchange(unmarked_, false)) return;
  // The first may only bring what became of a block that was on its way.
  if (calls_->Operate(MTFSR, 0) != 0) calls_->Operate(MTFSR, 0);
}

std::optional<uint64_t> StDrive::Where() {
  // The first may only bring what became of a block that was on its way.
  for (int i = 0; i < 2; ++i) {
    mtpos position{};
    if (calls_->AskPosition(position) == 0 && position.mt_blkno >= 0) {
      return static_cast<uint64_t>(position.mt_blkno);
    }
  }
  return std::nullopt;
}

Status StDrive::Settle(std::string_view doing) {
  if (lost_) return Lose(doing);
  if (!position_) position_ = Where();
  return position_ ? OkStatus() : Failed(doing, EIO);
}

void StDrive::Forget() {
  position_.reset();
  at_end_ = false;
  near_end_ = false;
}

bool StDrive::MetEnd() {
  mtget state{};
  at_end_ = calls_->Ask(state) == 0 && GMT_EOD(state.mt_gstat);
  return at_end_;
}

Result<TapeIdentity> StDrive::Identify() {
  TapeIdentity identity;
  identity.way = "st driver";
  for (const FoundTapeDevice& found : FindTapeDevices(sysfs_)) {
    if (found.path != node_) continue;
    identity.vendor = found.vendor;
    identity.product = found.product;
    identity.revision = found.revision;
  }
  mtget state{};
  if (calls_->Ask(state) == 0) {
    identity.density_code =
        static_cast<uint8_t>((state.mt_dsreg & MT_ST_DENSITY_MASK) >> MT_ST_DENSITY_SHIFT);
  }
  return identity;
}

Result<TapeDriveParameters> StDrive::GetTapeDriveParameters() {
  TapeDriveParameters parameters;
  parameters.compression = compression_.value_or(false);
  parameters.default_block_bytes = kUsualBlockBytes;
  parameters.max_block_bytes = kMaxBlockBytes;
  parameters.min_block_bytes = 1;
  using namespace tape_features_low;
  parameters.features_low = kEraseShort | kEraseLong | kFixedBlock | kVariableBlock |
                            kWriteProtect | kGetAbsoluteBlock | kGetLogicalBlock | kEjectMedia |
                            kCleanRequests;
  if (partitions_) {
    parameters.max_partition_count = 2;
    parameters.features_low |= kInitiator;
  }
  using namespace tape_features_high;
  parameters.features_high = kLoadUnload | kTension | kLockUnlock | kSetBlockSize |
                             kSetCompression | kAbsoluteBlock | kLogicalBlock | kEndOfData |
                             kRelativeBlocks | kFilemarks | kReversePosition | kWriteFilemarks |
                             kWriteMarkImmediate;
  return parameters;
}

Result<TapeMediaParameters> StDrive::GetTapeMediaParameters() {
  // The driver tells which partition is the current one, not how many there are.
  TapeMediaParameters parameters{
      .block_bytes = block_bytes_, .partition_count = 0, .write_protected = !writable_};
  mtget state{};
  int error = calls_->Ask(state);
  // After a reset older drivers tell nothing before the position is regained.
  if (error != 0)
    return NoticeReset() ? Result(parameters) : Failed("asking for the medium", error);
  if (GMT_DR_OPEN(state.mt_gstat)) {
    return Failure(TapeError::kNoMediaInDrive, "asking for the medium");
  }
  if (!lost_) parameters.block_bytes = block_bytes_ = BlockBytesOf(state);
  if (GMT_WR_PROT(state.mt_gstat)) parameters.write_protected = true;
  return parameters;
}

Status StDrive::GetTapeStatus() {
  constexpr std::string_view kDoing = "asking for its state";
  mtget state{};
  int error = calls_->Ask(state);
  if (lost_ || (error != 0 && NoticeReset())) {
    if (!std::exchange(told_lost_, true)) return Failure(TapeError::kBusReset, kDoing);
    return OkStatus();
  }
  if (error != 0) return Failed(kDoing, error);
  if (GMT_DR_OPEN(state.mt_gstat)) return Failure(TapeError::kNoMediaInDrive, kDoing);
  if (!GMT_ONLINE(state.mt_gstat)) return Failure(TapeError::kNotReady, kDoing);
  if (GMT_CLN(state.mt_gstat)) return Failure(TapeError::kDeviceRequiresCleaning, kDoing);
  return OkStatus();
}

Status StDrive::MakeReady(const TapeLoadingWatch& watch) {
  constexpr uint64_t kLongestLoadMs = 2u * 3600 * 1000;
  constexpr uint32_t kPauseMs = 1000;
  auto on_its_way = [this] {
    mtget state{};
    return !lost_ && calls_->Ask(state) == 0 && !GMT_ONLINE(state.mt_gstat) &&
           !GMT_DR_OPEN(state.mt_gstat);
  };
  bool told_to_load = false;
  for (uint64_t waited_ms = 0; on_its_way(); waited_ms += kPauseMs) {
    if (waited_ms >= kLongestLoadMs) {
      return Failure(TapeError::kNotReady, "waiting for the medium");
    }
    if (watch && !watch({.waited_ms = waited_ms})) {
      return Cancelled(node_ + ": the medium is not waited for any longer");
    }
    if (!std::exchange(told_to_load, true)) Load().ok();
    wait_(kPauseMs);
    if (int error = OpenNode(); error != 0) return Failed("opening it again", error);
    position_ = Where();
  }
  return OkStatus();
}

Status StDrive::SetTapeDriveParameters(const TapeDriveSettings& settings) {
  if (settings.ecc || settings.data_padding || settings.report_setmarks ||
      settings.eot_warning_zone_bytes != 0) {
    return NotSupported("error correction, padding, setmarks or a warning zone");
  }
  if (compression_ == settings.compression) return OkStatus();
  TAPIR_RETURN_IF_ERROR(Flush());
  constexpr std::string_view kDoing = "setting compression";
  if (int error = calls_->Operate(MTCOMPRESSION, settings.compression ? 1 : 0); error != 0) {
    if (error != EIO || NoticeReset()) return Failed(kDoing, error);
    // That is how the driver says that the drive has none.
    return settings.compression ? NotSupported(kDoing) : OkStatus();
  }
  compression_ = settings.compression;
  return OkStatus();
}

Status StDrive::SetTapeMediaParameters(uint32_t block_bytes) {
  constexpr std::string_view kDoing = "setting the block size";
  if (block_bytes > kMaxBlockBytes) return Failure(TapeError::kInvalidParameter, kDoing);
  if (!lost_) {
    TAPIR_RETURN_IF_ERROR(Flush());
    int error = calls_->Operate(MTSETBLK, static_cast<int>(block_bytes));
    if (error != 0 && !NoticeReset()) return Failed(kDoing, error);
  }
  // After a reset it is set as soon as the driver allows.
  block_bytes_ = block_bytes;
  return OkStatus();
}

Result<std::vector<std::byte>> StDrive::ReadAttribute(TapeAttribute) {
  return NotSupported("cartridge memory");
}

Status StDrive::WriteAttribute(TapeAttribute, std::span<const std::byte>) {
  return NotSupported("cartridge memory");
}

Result<std::vector<uint8_t>> StDrive::ReadAlerts() { return NotSupported("alerts"); }

}  // namespace tapir::st
