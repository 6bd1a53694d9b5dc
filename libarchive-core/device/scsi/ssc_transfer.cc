// Blocks and marks.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "device/scsi/ssc_drive.h"

namespace tapir::scsi {
namespace {

constexpr std::string_view kReading = "reading a block";
constexpr std::string_view kWriting = "writing a block";

bool Aborted(const Answer& answer) {
  return answer.Says(NextStep::kRetry) && answer.sense.key == 0xB;
}

}  // namespace

bool SscDrive::MayReadAgain(const std::optional<uint64_t>& before) {
  if (!before) return false;
  Result<TapePosition> now = position_.Ask();
  if (!now.ok()) return false;
  return now->block == *before || position_.Locate(0, *before, false).ok();
}

Result<Answer> SscDrive::ReadOnce(bool fixed, uint32_t count, std::span<std::byte> room) {
  for (bool again : {true, false}) {
    std::optional<uint64_t> before = position_.object();
    Result<Answer> answer = runner_.Run(Read6(fixed, count), {.in = room});
    if (!answer.ok()) position_.Forget();
    if (!answer.ok() || !again || !Aborted(*answer)) return answer;
    if (!position_.DriveTells() || !MayReadAgain(before)) return answer;
    position_.Settle();
  }
  return Internal("a read that was tried more often than it can be");
}

std::optional<TapeRead> SscDrive::MetNoBlock(const Answer& answer) {
  if (!answer.done()) return std::nullopt;
  switch (answer.error()) {
    case TapeError::kFilemarkDetected: return TapeRead{.kind = TapeReadKind::kFilemark};
    case TapeError::kSetmarkDetected: return TapeRead{.kind = TapeReadKind::kSetmark};
    case TapeError::kNoDataDetected: return TapeRead{.kind = TapeReadKind::kEndOfData};
    default: return std::nullopt;
  }
}

Result<TapeRead> SscDrive::Read(std::span<std::byte> buffer) {
  if (buffer.empty()) return TapeFailure(TapeError::kInvalidParameter, "reading into no buffer");
  TAPIR_RETURN_IF_ERROR(runner_.CheckPosition(kReading));
  TAPIR_RETURN_IF_ERROR(runner_.Refresh());
  position_.Settle();
  return block_bytes_ == 0 ? ReadVariable(buffer) : ReadFixed(buffer);
}

// The length of the block that came, from what was asked for and what was left over of it.
Result<size_t> SscDrive::BlockSize(const Answer& answer, std::span<std::byte> room) {
  if (answer.good || !answer.sense.ili) return answer.transferred;
  const Sense& sense = answer.sense;
  auto asked = static_cast<int64_t>(room.size());
  bool longer = sense.information_valid ? sense.information < 0 || sense.information > asked
                                        : answer.transferred == room.size();
  if (longer) {
    return TapeFailure(TapeError::kInvalidBlockLength,
                       fmt::format("{}: {} of more than {} bytes", name(), kReading, asked));
  }
  if (!sense.information_valid) return answer.transferred;
  auto size = static_cast<size_t>(asked - sense.information);
  if (answer.transferred >= size && !odd_target_) return size;
  // The drive has kept back bytes of a block shorter than what was asked for; of exactly that
  // length they can be had.
  TAPIR_RETURN_IF_ERROR(
      runner_.Must(Space6(SpaceCode::kBlocks, -1), "going back to a block").status());
  TAPIR_ASSIGN_OR_RETURN(Answer exact,
                         ReadOnce(false, static_cast<uint32_t>(size), room.first(size)));
  if (!exact.good || exact.transferred != size) {
    return TapeFailure(TapeError::kIoDevice,
                       fmt::format("{}: {}: it came short", name(), kReading));
  }
  return size;
}

Result<TapeRead> SscDrive::TakeBlock(std::span<const std::byte> received,
                                     std::span<std::byte> buffer) {
  if (!protection_.on()) return TapeRead{.kind = TapeReadKind::kBlock, .size = received.size()};
  if (!BlockProtection::Check(received)) {
    return TapeFailure(TapeError::kCrc, fmt::format("{}: {}: it came damaged", name(), kReading));
  }
  size_t size = received.size() - protection_.extra_bytes();
  std::memcpy(buffer.data(), received.data(), size);
  return TapeRead{.kind = TapeReadKind::kBlock, .size = size};
}

Result<TapeRead> SscDrive::ReadVariable(std::span<std::byte> buffer) {
  size_t max = std::min(kMaxCount24, runner_.transport().max_transfer_bytes());
  bool no_room_for_check = protection_.on() && buffer.size() + protection_.extra_bytes() > max;
  size_t size = std::min(buffer.size() + protection_.extra_bytes(), max);
  std::span<std::byte> room = buffer.first(std::min(size, buffer.size()));
  if (protection_.on()) {
    bounce_.resize(std::max(bounce_.size(), size));
    room = std::span(bounce_).first(size);
  }
  TAPIR_ASSIGN_OR_RETURN(Answer answer, ReadOnce(false, static_cast<uint32_t>(room.size()), room));
  if (std::optional<TapeRead> other = MetNoBlock(answer)) {
    if (other->kind != TapeReadKind::kEndOfData) position_.Passed(1);
    return *other;
  }
  if (!answer.done()) {
    position_.Forget();
    return runner_.Failure(answer, kReading);
  }
  Result<size_t> length = BlockSize(answer, room);
  bool too_long = !length.ok() && TapeErrorOf(length.status()) == TapeError::kInvalidBlockLength;
  if (too_long && no_room_for_check) {
    // Without its check bytes it may be short enough.
    TAPIR_RETURN_IF_ERROR(
        runner_.Must(Space6(SpaceCode::kBlocks, -1), "going back to a block").status());
    TAPIR_RETURN_IF_ERROR(StopProtecting());
    return ReadVariable(buffer);
  }
  if (!length.ok() && !too_long) {
    position_.Forget();
  } else {
    position_.Passed(1);
  }
  if (!length.ok()) return length.status();
  return TakeBlock(room.first(*length), buffer);
}

Result<TapeRead> SscDrive::ReadFixed(std::span<std::byte> buffer) {
  bool fits = buffer.size() >= block_bytes_;
  std::span<std::byte> room = buffer;
  if (!fits) {
    bounce_.resize(std::max<size_t>(bounce_.size(), block_bytes_));
    room = bounce_;
  }
  TAPIR_ASSIGN_OR_RETURN(Answer answer, ReadOnce(true, 1, room.first(block_bytes_)));
  if (std::optional<TapeRead> other = MetNoBlock(answer)) {
    if (other->kind != TapeReadKind::kEndOfData) position_.Passed(1);
    return *other;
  }
  bool other_length = answer.done() && answer.sense.ili;
  if (answer.done()) {
    position_.Passed(1);
  } else {
    position_.Forget();
  }
  if (!answer.done()) return runner_.Failure(answer, kReading);
  if (other_length) {
    return TapeFailure(TapeError::kInvalidBlockLength, fmt::format("{}: {} of other than {} bytes",
                                                                   name(), kReading, block_bytes_));
  }
  if (!fits) {
    return TapeFailure(TapeError::kInvalidBlockLength,
                       fmt::format("{}: {} of {} bytes", name(), kReading, block_bytes_));
  }
  return TapeRead{.kind = TapeReadKind::kBlock,
                  .size = std::min<size_t>(answer.transferred, block_bytes_)};
}

Result<std::span<const std::byte>> SscDrive::Outgoing(std::span<const std::byte> block) {
  bool fits = block_bytes_ == 0 ? block.size() <= MaxBlockBytes()
                                : block.size() % block_bytes_ == 0 &&
                                      block.size() <= runner_.transport().max_transfer_bytes();
  if (!fits) {
    return TapeFailure(TapeError::kInvalidBlockLength,
                       fmt::format("{}: {} of {} bytes", name(), kWriting, block.size()));
  }
  if (!protection_.on()) return block;
  size_t size = block.size() + protection_.extra_bytes();
  bounce_.resize(std::max(bounce_.size(), size));
  std::memcpy(bounce_.data(), block.data(), block.size());
  BlockProtection::Seal(std::span(bounce_).first(size));
  return std::span<const std::byte>(bounce_).first(size);
}

// Of `objects` that were sent, the sense tells how many did not get onto the medium.
Result<WriteOutcome> SscDrive::WriteResult(const Answer& answer, uint64_t objects,
                                           std::string_view doing) {
  if (answer.good) {
    position_.Passed(objects);
    return WriteOutcome::kWritten;
  }
  const Sense& sense = answer.sense;
  bool full = answer.error() == TapeError::kEomOverflow && !sense.deferred;
  bool written = answer.done() && sense.key <= 0x1 &&
                 (answer.error() == TapeError::kNone || answer.error() == TapeError::kEndOfMedia ||
                  answer.error() == TapeError::kDeviceRequiresCleaning);
  if (!full && !written) {
    position_.Forget();
    return runner_.Failure(answer, doing);
  }
  bool near_end = sense.eom || sense.Is(0x0, 0x00, 0x07);
  int64_t left = sense.information_valid ? std::max<int64_t>(sense.information, 0) : 0;
  if (!full && left == 0) {
    position_.Passed(objects);
    return near_end ? WriteOutcome::kEarlyWarning : WriteOutcome::kWritten;
  }
  // One object is there or not; of several, as many as the drive says.
  bool told = sense.information_valid && static_cast<uint64_t>(left) <= objects;
  if (objects > 1 && !told) {
    position_.Forget();
  } else if (objects > 1) {
    position_.Passed(objects - static_cast<uint64_t>(left));
  }
  return WriteOutcome::kEndOfMedium;
}

Result<WriteOutcome> SscDrive::WriteObjects(const Cdb& cdb, std::span<const std::byte> sent,
                                            uint64_t objects, std::string_view doing) {
  position_.Settle();
  for (bool again : {true, false}) {
    std::optional<uint64_t> before = position_.object();
    Result<Answer> answer = runner_.Run(cdb, {.out = sent});
    if (!answer.ok()) {
      position_.Forget();
      return std::move(answer).status().Annotate(doing);
    }
    if (!again || !answer->Says(NextStep::kRetry)) return WriteResult(*answer, objects, doing);
    if (!Aborted(*answer)) continue;
    // Aborted before or after it was carried out: the position tells.
    if (!before || !position_.DriveTells()) return WriteResult(*answer, objects, doing);
    Result<TapePosition> now = position_.Ask();
    bool there = now.ok() && objects > 0 && now->block == *before + objects;
    if (there) return WriteOutcome::kWritten;
    if (!now.ok() || now->block != *before) return WriteResult(*answer, objects, doing);
  }
  return Internal("a write that was tried more often than it can be");
}

Result<WriteOutcome> SscDrive::Write(std::span<const std::byte> block) {
  if (block.empty()) return TapeFailure(TapeError::kInvalidParameter, "writing an empty block");
  TAPIR_RETURN_IF_ERROR(runner_.CheckPosition(kWriting));
  TAPIR_RETURN_IF_ERROR(runner_.Refresh());
  size_t max = std::min(kMaxCount24, runner_.transport().max_transfer_bytes());
  bool no_room_for_check = block.size() <= max && block.size() + protection_.extra_bytes() > max;
  if (no_room_for_check) TAPIR_RETURN_IF_ERROR(StopProtecting());
  TAPIR_ASSIGN_OR_RETURN(std::span<const std::byte> sent, Outgoing(block));
  bool fixed = block_bytes_ != 0;
  uint64_t objects = fixed ? block.size() / block_bytes_ : 1;
  auto count = static_cast<uint32_t>(fixed ? objects : sent.size());
  return WriteObjects(Write6(fixed, count), sent, objects, kWriting);
}

Result<WriteOutcome> SscDrive::WriteTapemark(TapeMark mark, uint32_t count, bool immediate) {
  constexpr std::string_view kDoing = "writing filemarks";
  if (mark != TapeMark::kFilemark) {
    return TapeFailure(TapeError::kNotSupported, name() + ": writing marks of another kind");
  }
  if (count > kMaxCount24) return TapeFailure(TapeError::kInvalidParameter, kDoing);
  TAPIR_RETURN_IF_ERROR(runner_.CheckPosition(kDoing));
  return WriteObjects(WriteFilemarks6(count, immediate), {}, count, kDoing);
}

}  // namespace tapir::scsi
