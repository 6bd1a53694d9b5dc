// Positions, loading, erasing, partitions.

#include <cerrno>
#include <climits>

#include "device/st/st_drive.h"

namespace tapir::st {
namespace {

constexpr std::string_view kMoving = "moving";
constexpr int64_t kMaxCount = 0x7FFFFF;

}  // namespace

Result<TapePosition> StDrive::GetTapePosition(TapePositionType type) {
  constexpr std::string_view kDoing = "asking for the position";
  if (type == TapePositionType::kPseudoLogical) return NotSupported("a simulated position");
  if (lost_) return Lose(kDoing);
  std::optional<uint64_t> expected = position_;
  position_ = Where();
  if (!position_) return Failed(kDoing, EIO);
  // A block that was taken did not get there.
  if (unmarked_ && expected && *position_ < *expected) return Failed(kDoing, EIO);
  TapePosition position{.partition = 0, .block = *position_};
  if (type == TapePositionType::kAbsolute) return position;
  mtget state{};
  if (int error = calls_->Ask(state); error != 0) return Failed(kDoing, error);
  position.partition = static_cast<uint32_t>(state.mt_resid) + 1;
  return position;
}

// One operation that may move the medium.
Status StDrive::Operate(std::string_view doing, short operation, int count) {
  TAPIR_RETURN_IF_ERROR(Flush());
  Forget();
  int error = calls_->Operate(operation, count);
  return error == 0 ? OkStatus() : Failed(doing, error);
}

// The position is known again; a reset took the settings.
Status StDrive::Regain() {
  if (!lost_) return OkStatus();
  lost_ = false;
  told_lost_ = false;
  compression_.reset();
  int error = calls_->Operate(MTSETBLK, static_cast<int>(block_bytes_));
  return error == 0 ? OkStatus() : Failed("setting the block size", error);
}

Status StDrive::Rewind() {
  Status done = Operate("rewinding", MTREW, 0);
  // The first may be what brings the news of a reset.
  if (!done.ok()) done = Operate("rewinding", MTREW, 0);
  if (!done.ok()) return done;
  TAPIR_RETURN_IF_ERROR(Regain());
  position_ = 0;
  return OkStatus();
}

Status StDrive::SwitchTo(uint32_t partition) {
  constexpr std::string_view kDoing = "changing the partition";
  if (partition == 0) return OkStatus();
  mtget state{};
  if (int error = calls_->Ask(state); error != 0) {
    return lost_ && partition == 1 ? OkStatus() : Failed(kDoing, error);
  }
  if (state.mt_resid + 1 == static_cast<long>(partition)) return OkStatus();
  if (partition > INT_MAX) return Failure(TapeError::kInvalidParameter, kDoing);
  // The driver goes there with what is done next.
  int error = calls_->Operate(MTSETPART, static_cast<int>(partition - 1));
  return error == 0 ? OkStatus() : Failed(kDoing, error);
}

Status StDrive::Seek(uint32_t partition, int64_t block) {
  if (block > INT_MAX) return Failure(TapeError::kInvalidParameter, kMoving);
  TAPIR_RETURN_IF_ERROR(Flush());
  TAPIR_RETURN_IF_ERROR(SwitchTo(partition));
  Forget();
  int error = calls_->Operate(MTSEEK, static_cast<int>(block));
  if (error == 0) {
    TAPIR_RETURN_IF_ERROR(Regain());
    position_ = static_cast<uint64_t>(block);
    return OkStatus();
  }
  if (error != EIO || NoticeReset()) return Failed(kMoving, error);
  // Behind the end of data, or a failure: only the end tells.
  TAPIR_RETURN_IF_ERROR(ToEndOfData(0));
  std::optional<uint64_t> end = Where();
  bool behind = end && *end < static_cast<uint64_t>(block);
  return Failure(behind ? TapeError::kNoDataDetected : TapeError::kIoDevice, kMoving);
}

Status StDrive::ToEndOfData(uint32_t partition) {
  if (lost_) return Lose(kMoving);
  mtget state{};
  if (int error = calls_->Ask(state); error != 0) return Failed(kMoving, error);
  if (partition != 0 && state.mt_resid + 1 != static_cast<long>(partition)) {
    TAPIR_RETURN_IF_ERROR(Seek(partition, 0));
  }
  TAPIR_RETURN_IF_ERROR(Operate("going to the end of data", MTEOM, 1));
  at_end_ = true;
  return OkStatus();
}

Status StDrive::SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                                bool immediate) {
  if (immediate) return NotSupported("moving without waiting");
  bool to_block =
      method == TapePositioning::kAbsoluteBlock || method == TapePositioning::kLogicalBlock;
  if (to_block && offset < 0) return Failure(TapeError::kBeginningOfMedia, kMoving);
  switch (method) {
    case TapePositioning::kRewind: return Rewind();
    case TapePositioning::kAbsoluteBlock: return Seek(0, offset);
    case TapePositioning::kLogicalBlock: return Seek(partition, offset);
    case TapePositioning::kEndOfData: return ToEndOfData(partition);
    case TapePositioning::kRelativeBlocks:
    case TapePositioning::kFilemarks: return Space(method, offset);
    default: return NotSupported("setmarks, sequential marks and simulated positions");
  }
}

Status StDrive::Space(TapePositioning method, int64_t count) {
  if (count > kMaxCount || count < -kMaxCount) {
    return Failure(TapeError::kInvalidParameter, kMoving);
  }
  TAPIR_RETURN_IF_ERROR(Settle(kMoving));
  if (count == 0) return OkStatus();
  TAPIR_RETURN_IF_ERROR(Flush());
  TAPIR_RETURN_IF_ERROR(Settle(kMoving));
  bool blocks = method == TapePositioning::kRelativeBlocks;
  bool forward = count > 0;
  short ahead = blocks ? MTFSR : MTFSF;
  short back = blocks ? MTBSR : MTBSF;
  if (forward && at_end_) return Failure(TapeError::kNoDataDetected, kMoving);
  uint64_t from = *position_;
  Forget();
  int error = calls_->Operate(forward ? ahead : back, static_cast<int>(forward ? count : -count));
  return error == 0 ? OkStatus() : WhyStopped(blocks, forward, from, error);
}

// The driver has one error for all that can stop it.
Status StDrive::WhyStopped(bool blocks, bool forward, uint64_t from, int error) {
  if (error != EIO) return Failed(kMoving, error);
  position_ = Where();
  mtget state{};
  if (!position_ || calls_->Ask(state) != 0) return Failed(kMoving, EIO);
  uint64_t at = *position_;
  if (forward ? at < from : at > from) return Lose(kMoving);
  if (forward && GMT_EOD(state.mt_gstat)) {
    at_end_ = true;
    return Failure(TapeError::kNoDataDetected, kMoving);
  }
  // Behind a mark the driver counts blocks from 0.
  if (forward && blocks && at > from && state.mt_blkno == 0) {
    return Failure(TapeError::kFilemarkDetected, kMoving);
  }
  if (!forward && blocks && at < from && StandsBeforeMark(at)) {
    return Failure(TapeError::kFilemarkDetected, kMoving);
  }
  if (!forward && at == 0) return Failure(TapeError::kBeginningOfMedia, kMoving);
  return Failed(kMoving, EIO);
}

// Tries, and goes back to `block`.
bool StDrive::StandsBeforeMark(uint64_t block) {
  mtget state{};
  bool mark = calls_->Operate(MTFSR, 1) == EIO && calls_->Ask(state) == 0 &&
              !GMT_EOD(state.mt_gstat) && state.mt_blkno == 0 && Where() == block + 1;
  calls_->Operate(MTSEEK, static_cast<int>(block));
  position_ = Where();
  return mark;
}

// After a reset the driver takes only what moves to a known place. Where there is no medium that
// fails, and is enough all the same.
void StDrive::RewindIfLost() {
  if (lost_) Rewind().ok();
}

Status StDrive::Load() {
  constexpr std::string_view kDoing = "loading";
  RewindIfLost();
  TAPIR_RETURN_IF_ERROR(Flush());
  Forget();
  int error = calls_->Operate(MTLOAD, 1);
  // The driver reports a protected medium, once loaded, to who may write. Whether one may is
  // settled by opening.
  if (error == 0 || error == EROFS) error = OpenNode();
  if (error != 0) return Failed(kDoing, error);
  TAPIR_RETURN_IF_ERROR(Regain());
  return GetTapeMediaParameters().status();
}

Status StDrive::PrepareTape(TapePreparation operation, bool immediate) {
  if (immediate) return NotSupported("preparing without waiting");
  auto in_own_words = [](Status status, TapeError own) {
    if (TapeErrorOf(status) != TapeError::kIoDevice) return status;
    return TapeFailure(own, status.message());
  };
  switch (operation) {
    case TapePreparation::kLoad: return Load();
    case TapePreparation::kUnload: {
      RewindIfLost();
      // MTOFFL would unlock a locked medium first.
      return in_own_words(Operate("unloading", MTUNLOAD, 0), TapeError::kUnableToUnloadMedia);
    }
    case TapePreparation::kTension: {
      TAPIR_RETURN_IF_ERROR(Operate("tensioning", MTRETEN, 0));
      return Regain();
    }
    case TapePreparation::kLock:
    case TapePreparation::kUnlock: {
      bool lock = operation == TapePreparation::kLock;
      TAPIR_RETURN_IF_ERROR(Flush());
      int error = calls_->Operate(lock ? MTLOCK : MTUNLOCK, 0);
      if (error == 0) return OkStatus();
      Status failure = Failed(lock ? "locking the medium" : "unlocking", error);
      return lock ? in_own_words(std::move(failure), TapeError::kUnableToLockMedia) : failure;
    }
    case TapePreparation::kFormat: return NotSupported("formatting");
  }
  return Failure(TapeError::kInvalidParameter, "preparing");
}

Status StDrive::EraseTape(TapeEraseType type, bool immediate) {
  if (immediate) return NotSupported("erasing without waiting");
  TAPIR_RETURN_IF_ERROR(Settle("erasing"));
  if (!writable_) return Failure(TapeError::kWriteProtected, "erasing");
  return Operate("erasing", MTERASE, type == TapeEraseType::kLong ? 1 : 0);
}

Status StDrive::CreateTapePartition(TapePartitionMethod method, uint32_t count, uint32_t size_mb) {
  constexpr std::string_view kDoing = "making partitions";
  if (method != TapePartitionMethod::kInitiator) return NotSupported(kDoing);
  bool sensible = count == 1 || (count == 2 && size_mb > 0 && size_mb <= INT_MAX);
  if (!sensible) return Failure(TapeError::kInvalidParameter, kDoing);
  if (!partitions_) return NotSupported(kDoing);
  if (!writable_) return Failure(TapeError::kWriteProtected, kDoing);
  TAPIR_RETURN_IF_ERROR(Seek(1, 0));
  // A negative size is that of the first partition; the second gets the rest.
  return Operate(kDoing, MTMKPART, count == 1 ? 0 : -static_cast<int>(size_mb));
}

}  // namespace tapir::st
