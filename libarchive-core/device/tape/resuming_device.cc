#include "device/tape/resuming_device.h"

#include <algorithm>
#include <utility>

#include "tapir/device/tape_error.h"

namespace tapir {
namespace {

// A drive that was switched off and on says both, one after the other.
bool IsReset(const Status& status) {
  TapeError error = TapeErrorOf(status);
  return error == TapeError::kBusReset || error == TapeError::kMediaChanged;
}

std::string NewsOf(uint64_t blocks_again) {
  if (blocks_again == 0) return "the drive was reset; nothing was lost";
  if (blocks_again == 1) return "the drive was reset; 1 block was written again";
  return "the drive was reset; " + std::to_string(blocks_again) + " blocks were written again";
}

}  // namespace

ResumingDevice::ResumingDevice(BlockDevice& base, Options options)
    : base_(base), options_(std::move(options)), window_(options_.window_bytes) {}

DevicePosition ResumingDevice::position() const {
  return other_medium_ ? DevicePosition{} : base_.position();
}

void ResumingDevice::Begin() {
  if (!std::exchange(begun_, true)) {
    begin_ = base_.position();
    window_.Restart(begin_);
  }
  taken_ = window_.end();
}

void ResumingDevice::Forget() {
  begun_ = false;
  other_medium_ = false;
  failure_ = OkStatus();
  window_.Restart({});
}

Result<ReadOutcome> ResumingDevice::Read(std::span<std::byte> buffer) {
  Forget();
  return base_.Read(buffer);
}

Status ResumingDevice::Locate(const DevicePosition& to) {
  Forget();
  return base_.Locate(to);
}

Status ResumingDevice::LocateEnd() {
  Forget();
  return base_.LocateEnd();
}

Status ResumingDevice::Erase() {
  Forget();
  return base_.Erase();
}

Result<WriteOutcome> ResumingDevice::Write(std::span<const std::byte> block) {
  if (!failure_.ok()) return failure_;
  Begin();
  // Kept before it is sent: whether the drive took it is a matter of comparing, too.
  window_.AddBlock(block);
  return Settle(base_.Write(block));
}

Result<WriteOutcome> ResumingDevice::WriteFilemarks(uint32_t count, bool immediate) {
  if (!failure_.ok()) return failure_;
  Begin();
  for (uint32_t i = 0; i < count; ++i) window_.AddMark(immediate);
  return Settle(base_.WriteFilemarks(count, immediate));
}

Status ResumingDevice::Sync() {
  if (!failure_.ok()) return failure_;
  Begin();
  Status synced = base_.Sync();
  constexpr int kMostResets = 4;
  for (int resets = 0; IsReset(synced) && resets < kMostResets; ++resets) {
    TAPIR_RETURN_IF_ERROR(Recover(std::move(synced)).status());
    synced = base_.Sync();
  }
  return synced;
}

Result<WriteOutcome> ResumingDevice::Settle(Result<WriteOutcome> outcome) {
  if (IsReset(outcome.status())) return Recover(std::move(outcome).status());
  bool written = outcome.ok() && *outcome != WriteOutcome::kEndOfMedium;
  if (!written) window_.CutAt(base_.position().object);
  return outcome;
}

Result<WriteOutcome> ResumingDevice::Recover(Status failure) {
  constexpr int kMostResets = 8;
  blocks_again_ = 0;
  Status reset = failure;
  for (int resets = 0; IsReset(failure) && resets < kMostResets; ++resets) {
    Result<WriteOutcome> outcome = WriteAgain();
    if (outcome.ok()) {
      if (options_.tell) options_.tell(NewsOf(blocks_again_));
      return outcome;
    }
    failure = std::move(outcome).status();
  }
  failure_ = std::move(reset).Annotate("writing cannot go on, " + failure.message());
  return failure_;
}

// Goes behind what is on the medium, and writes what is not.
Result<WriteOutcome> ResumingDevice::WriteAgain() {
  TAPIR_ASSIGN_OR_RETURN(uint64_t at, FindEnd());
  WriteOutcome last = WriteOutcome::kWritten;
  for (; at < window_.end(); ++at) {
    const WriteWindow::Object& object = window_.at(at);
    TAPIR_ASSIGN_OR_RETURN(
        last, object.mark ? base_.WriteFilemarks(1, object.immediate) : base_.Write(object.bytes));
    if (last == WriteOutcome::kEndOfMedium) {
      return DeviceError("the medium has no room for what was lost");
    }
    if (!object.mark && at < taken_) ++blocks_again_;
  }
  return last;
}

Status ResumingDevice::Unproven(std::string_view why) {
  other_medium_ = true;
  return DeviceError(std::string(why));
}

// Compares the window with the medium, object by object, and stands behind the last one that is
// there.
Result<uint64_t> ResumingDevice::FindEnd() {
  Status located = base_.Locate(window_.first());
  if (!located.ok()) {
    bool short_of_it = TapeErrorOf(located) == TapeError::kNoDataDetected;
    return short_of_it ? DeviceError("more is lost than was kept") : located;
  }
  std::vector<std::byte> buffer(std::max<size_t>(window_.longest_block_bytes(), 1));
  bool proven = false;
  uint64_t at = window_.first().object;
  for (; at < window_.end(); ++at) {
    TAPIR_ASSIGN_OR_RETURN(Met met, Compare(at, buffer));
    if (met == Met::kEnd) break;
    if (met == Met::kOther) return Unproven("the medium holds something else");
    proven = proven || !window_.at(at).mark;
  }
  if (proven) return at;
  if (window_.first().object != begin_.object) return DeviceError("more is lost than was kept");
  const DevicePosition here = base_.position();
  TAPIR_ASSIGN_OR_RETURN(proven, ProveBeginning());
  if (!proven) return Unproven("the block in front of the session is not on the medium");
  TAPIR_RETURN_IF_ERROR(base_.Locate(here));
  return at;
}

Result<ResumingDevice::Met> ResumingDevice::Compare(uint64_t object, std::span<std::byte> buffer) {
  const DevicePosition here = base_.position();
  const WriteWindow::Object& kept = window_.at(object);
  Result<ReadOutcome> read = base_.Read(buffer);
  if (!read.ok()) {
    if (read.status().code() == StatusCode::kLimitExceeded) return Met::kOther;
    if (TapeErrorOf(read.status()) != TapeError::kNoDataDetected) return read.status();
    // What breaks off without an end of data is written over from here.
    TAPIR_RETURN_IF_ERROR(base_.Locate(here));
    return Met::kEnd;
  }
  if (read->kind == ReadKind::kEndOfData) return Met::kEnd;
  if (read->kind == ReadKind::kData) {
    bool same = !kept.mark && std::ranges::equal(kept.bytes, buffer.first(read->size));
    return same ? Met::kSame : Met::kOther;
  }
  if (kept.mark) return Met::kSame;
  // A driver may have ended the data with a mark of its own.
  TAPIR_ASSIGN_OR_RETURN(ReadOutcome next, base_.Read(buffer));
  if (next.kind != ReadKind::kEndOfData) return Met::kOther;
  TAPIR_RETURN_IF_ERROR(base_.Locate(here));
  return Met::kEnd;
}

// Looks for the last block in front of the place where writing began.
Result<bool> ResumingDevice::ProveBeginning() {
  // Marks that one session leaves behind it, and more.
  constexpr uint64_t kMostMarks = 4;
  std::vector<std::byte> buffer(base_.traits().max_block_bytes);
  for (uint64_t back = 1; back <= std::min(begin_.object, kMostMarks); ++back) {
    TAPIR_RETURN_IF_ERROR(base_.Locate({begin_.object - back, 0}));
    TAPIR_ASSIGN_OR_RETURN(ReadOutcome read, base_.Read(buffer));
    if (read.kind == ReadKind::kEndOfData) return false;
    if (read.kind == ReadKind::kFilemark) continue;
    return options_.stands_before && options_.stands_before(std::span(buffer).first(read.size));
  }
  return false;
}

}  // namespace tapir
