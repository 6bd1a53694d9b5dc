// Blocks and marks.

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "device/st/st_drive.h"

namespace tapir::st {
namespace {

constexpr std::string_view kReading = "reading a block";
constexpr std::string_view kWriting = "writing a block";
constexpr std::string_view kMarking = "writing filemarks";
constexpr uint32_t kMaxMarks = 0x7FFFFF;

}  // namespace

Result<TapeRead> StDrive::Read(std::span<std::byte> buffer) {
  if (buffer.empty()) return Failure(TapeError::kInvalidParameter, "reading into no buffer");
  TAPIR_RETURN_IF_ERROR(Settle(kReading));
  if (at_end_) return TapeRead{.kind = TapeReadKind::kEndOfData};
  // More than a block can have is refused.
  std::span<std::byte> room = buffer.first(std::min<size_t>(buffer.size(), kMaxBlockBytes));
  if (block_bytes_ != 0 && buffer.size() < block_bytes_) {
    bounce_.resize(block_bytes_);
    room = bounce_;
  } else if (block_bytes_ != 0) {
    room = buffer.first(block_bytes_);
  }
  ssize_t got = calls_->Read(room);
  if (got < 0) return ReadFailed(static_cast<int>(-got));
  unmarked_ = false;
  if (got == 0) return MetNoBlock();
  ++*position_;
  auto size = static_cast<size_t>(got);
  if (size > buffer.size()) {
    return Failure(TapeError::kInvalidBlockLength,
                   fmt::format("{} of {} bytes into {}", kReading, size, buffer.size()));
  }
  return TapeRead{.kind = TapeReadKind::kBlock, .size = size};
}

// Both a mark and the end of data are a read of nothing.
Result<TapeRead> StDrive::MetNoBlock() {
  mtget state{};
  if (int error = calls_->Ask(state); error != 0) return Failed(kReading, error);
  if (GMT_EOD(state.mt_gstat)) {
    at_end_ = true;
    return TapeRead{.kind = TapeReadKind::kEndOfData};
  }
  ++*position_;
  return TapeRead{.kind = TapeReadKind::kFilemark};
}

// Of a blank medium the driver says no more than that reading failed; spacing tells.
bool StDrive::EndsHere() {
  if (calls_->Operate(MTFSR, 1) == EIO && MetEnd()) return true;
  calls_->Operate(MTSEEK, static_cast<int>(*position_));
  return false;
}

Result<TapeRead> StDrive::ReadFailed(int error) {
  if (error != EIO && error != ENOMEM && error != EOVERFLOW) return Failed(kReading, error);
  // Whoever had the drive before may have met the end already.
  if (error == EIO && MetEnd()) return TapeRead{.kind = TapeReadKind::kEndOfData};
  uint64_t before = *position_;
  position_ = Where();
  if (!position_) return Failed(kReading, EIO);
  bool passed = *position_ == before + 1;
  if (!passed && *position_ != before) return Lose(kReading);
  if (error == EIO && !passed && EndsHere()) return TapeRead{.kind = TapeReadKind::kEndOfData};
  if (error != ENOMEM || !passed) return Failed(kReading, error);
  return Failure(TapeError::kInvalidBlockLength,
                 fmt::format("{} longer than the buffer", kReading));
}

Result<WriteOutcome> StDrive::Write(std::span<const std::byte> block) {
  bool fits = block_bytes_ == 0 ? block.size() <= kMaxBlockBytes : block.size() == block_bytes_;
  if (block.empty()) return Failure(TapeError::kInvalidParameter, "writing an empty block");
  if (!fits) {
    return Failure(TapeError::kInvalidBlockLength,
                   fmt::format("{} of {} bytes", kWriting, block.size()));
  }
  TAPIR_RETURN_IF_ERROR(Settle(kWriting));
  if (!writable_) return Failure(TapeError::kWriteProtected, kWriting);
  unmarked_ = true;
  ssize_t put = calls_->Write(block);
  if (put < 0) return WriteFailed(block, static_cast<int>(-put));
  if (static_cast<size_t>(put) != block.size()) return WriteFailed(block, EIO);
  at_end_ = false;
  ++*position_;
  return near_end_ ? WriteOutcome::kEarlyWarning : WriteOutcome::kWritten;
}

// Near the end the driver refuses every other write, in some versions after it was done: only the
// position tells.
Result<WriteOutcome> StDrive::WriteFailed(std::span<const std::byte> block, int error) {
  if (error != EIO && error != ENOSPC) {
    StopWriting();
    return Failed(kWriting, error);
  }
  uint64_t before = *position_;
  for (bool again : {true, false}) {
    position_ = Where();
    if (!position_) return Failed(kWriting, error);
    if (error != ENOSPC) break;
    if (*position_ == before) near_end_ = true;
    if (*position_ == before && !again) return WriteOutcome::kEndOfMedium;
    if (*position_ == before) {
      ssize_t put = calls_->Write(block);
      error = put < 0 ? static_cast<int>(-put) : 0;
      if (error == 0) *position_ = before + 1;
      if (error == ENOSPC) continue;
    }
    if (error != 0 && error != ENOSPC) break;
    if (*position_ != before + 1) break;
    near_end_ = true;
    at_end_ = false;
    return WriteOutcome::kEarlyWarning;
  }
  // At most one block can be on its way where the driver does not gather them; that one failed.
  bool too_far_back = block_bytes_ == 0 && *position_ + 1 < before;
  if (*position_ > before + 1 || too_far_back) return Lose(kWriting);
  if (error == ENOSPC) return Failure(TapeError::kEomOverflow, kWriting);
  return Failed(kWriting, error);
}

// Puts everything on the medium, so that the driver has no reason to write a mark of its own.
Status StDrive::Flush() {
  if (!unmarked_ || lost_) return OkStatus();
  constexpr std::string_view kDoing = "putting blocks on the medium";
  int error = calls_->Operate(MTWEOF, 0);
  // A warning that comes now was for the block before.
  if (error == ENOSPC) {
    near_end_ = true;
    error = calls_->Operate(MTWEOF, 0);
  }
  if (error == 0) {
    unmarked_ = false;
    return OkStatus();
  }
  std::optional<uint64_t> expected = std::exchange(position_, Where());
  StopWriting();
  if (!position_) return Failed(kDoing, error);
  if (expected && (*position_ > *expected || *position_ + 1 < *expected)) return Lose(kDoing);
  return error == ENOSPC && position_ == expected ? OkStatus() : Failed(kDoing, error);
}

Result<WriteOutcome> StDrive::WriteTapemark(TapeMark mark, uint32_t count, bool immediate) {
  if (mark != TapeMark::kFilemark) return NotSupported("marks other than filemarks");
  if (count > kMaxMarks) return Failure(TapeError::kInvalidParameter, kMarking);
  TAPIR_RETURN_IF_ERROR(Settle(kMarking));
  if (!writable_) return Failure(TapeError::kWriteProtected, kMarking);
  if (count == 0 && immediate) return WriteOutcome::kWritten;
  short operation = immediate ? MTWEOFI : MTWEOF;
  int error = calls_->Operate(operation, static_cast<int>(count));
  // Kernels before 2.6.37 have no such marks; these make sure of more.
  if (immediate && (error == ENOSYS || error == EINVAL)) {
    error = calls_->Operate(MTWEOF, static_cast<int>(count));
  }
  if (error != 0) return MarkFailed(count, error);
  unmarked_ = false;
  if (count > 0) at_end_ = false;
  *position_ += count;
  return near_end_ ? WriteOutcome::kEarlyWarning : WriteOutcome::kWritten;
}

Result<WriteOutcome> StDrive::MarkFailed(uint32_t count, int error) {
  if (error != EIO && error != ENOSPC) return Failed(kMarking, error);
  uint64_t before = *position_;
  position_ = Where();
  if (!position_) return Failed(kMarking, EIO);
  if (error == ENOSPC && *position_ == before) {
    // The warning came for the block before; the marks were not tried.
    near_end_ = true;
    error = calls_->Operate(MTWEOF, static_cast<int>(count));
    position_ = error == 0 ? before + count : Where();
    if (!position_) return Failed(kMarking, EIO);
  }
  if (error == 0) unmarked_ = false;
  if (error == 0 || (error == ENOSPC && *position_ == before + count)) {
    near_end_ = true;
    return WriteOutcome::kEarlyWarning;
  }
  if (*position_ > before + count || *position_ + 1 < before) return Lose(kMarking);
  // The driver tells a full medium from others only by the warning that went before.
  if (*position_ >= before && (error == ENOSPC || near_end_)) return WriteOutcome::kEndOfMedium;
  return Failed(kMarking, error);
}

}  // namespace tapir::st
