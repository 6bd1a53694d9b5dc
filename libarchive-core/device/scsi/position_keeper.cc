#include "device/scsi/position_keeper.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tapir::scsi {
namespace {

constexpr std::string_view kAsking = "asking for the position";
constexpr std::string_view kSpacing = "spacing";
constexpr uint64_t kAny = std::numeric_limits<uint64_t>::max();
// More than any medium has; a drive that never comes to an end is not followed for ever.
constexpr uint64_t kMostObjects = uint64_t{1} << 32;

// What ends a movement before it is complete.
bool Stops(const Answer& answer) {
  switch (answer.error()) {
    case TapeError::kFilemarkDetected:
    case TapeError::kSetmarkDetected:
    case TapeError::kBeginningOfMedia:
    case TapeError::kNoDataDetected: return true;
    default: return !answer.done();
  }
}

bool Absent(const Answer& answer) {
  return answer.Says(NextStep::kDowngrade) && answer.sense.key == 0x5;
}

}  // namespace

void PositionKeeper::Passed(uint64_t objects) {
  if (object_) *object_ += objects;
}

void PositionKeeper::Stand(uint32_t partition, uint64_t object) {
  partition_ = partition;
  object_ = object;
}

Result<PositionReply> PositionKeeper::AskDrive(bool long_form) {
  std::array<std::byte, kLongPositionBytes> data{};
  std::span<std::byte> room =
      std::span(data).first(long_form ? kLongPositionBytes : kShortPositionBytes);
  TAPIR_ASSIGN_OR_RETURN(
      Answer answer,
      runner_.Run(long_form ? ReadPositionLong() : ReadPositionShort(), {.in = room}));
  // A form that the drive does not have is as good as one that says nothing.
  if (Absent(answer)) return PositionReply{};
  if (!answer.done()) return runner_.Failure(answer, kAsking);
  ByteSpan came = room.first(answer.transferred);
  return (long_form ? ParseLongPosition(came) : ParseShortPosition(came)).value_or(PositionReply{});
}

Status PositionKeeper::Choose() {
  if (source_ != Source::kUnknown) return OkStatus();
  if (!runner_.Has(opcode::kReadPosition)) {
    source_ = Source::kCount;
    return OkStatus();
  }
  TAPIR_ASSIGN_OR_RETURN(PositionReply short_form, AskDrive(false));
  TAPIR_ASSIGN_OR_RETURN(PositionReply long_form, AskDrive(true));
  source_ = long_form.known ? Source::kLong : short_form.known ? Source::kShort : Source::kCount;
  return OkStatus();
}

bool PositionKeeper::DriveTells() {
  return Choose().ok() && (source_ == Source::kLong || source_ == Source::kShort);
}

void PositionKeeper::Settle() {
  if (!object_ && DriveTells()) Ask().status().ok();
}

Result<TapePosition> PositionKeeper::Ask() {
  TAPIR_RETURN_IF_ERROR(Choose());
  if (source_ == Source::kCount) {
    TAPIR_RETURN_IF_ERROR(runner_.CheckPosition(kAsking));
    if (object_) return TapePosition{.partition = partition_, .block = *object_};
    return TapeFailure(TapeError::kNotSupported,
                       "the drive tells no position, and it was not counted");
  }
  Forget();
  TAPIR_ASSIGN_OR_RETURN(PositionReply reply, AskDrive(source_ == Source::kLong));
  constexpr uint32_t kMaxPartition = 255;
  if (!reply.known || reply.partition > kMaxPartition) {
    return TapeFailure(TapeError::kIoDevice, "the drive does not know where it stands");
  }
  Stand(reply.partition + 1, reply.object);
  return TapePosition{.partition = partition_, .block = *object_};
}

Status PositionKeeper::CheckPartition(uint32_t partition) const {
  if (partition <= 1) return OkStatus();
  return TapeFailure(TapeError::kDeviceNotPartitioned, "going to another partition");
}

Status PositionKeeper::Rewind(bool immediate) {
  Forget();
  TAPIR_RETURN_IF_ERROR(runner_.Must(scsi::Rewind(immediate), "rewinding").status());
  runner_.SetPositionKnown();
  // Which partition that is, the drive will tell.
  if (!DriveTells()) Stand(1, 0);
  return OkStatus();
}

Result<Cdb> PositionKeeper::LocateCommand(uint32_t partition, uint64_t object, bool immediate) {
  bool change = false;
  if (partition != 0) {
    TAPIR_ASSIGN_OR_RETURN(TapePosition now, Ask());
    change = now.partition != partition;
  }
  auto index = static_cast<uint8_t>(partition == 0 ? 0 : partition - 1);
  if (runner_.Has(opcode::kLocate16)) {
    return Locate16(LocateTo::kObject, object, change, index, immediate);
  }
  if (object > std::numeric_limits<uint32_t>::max()) {
    return TapeFailure(TapeError::kInvalidParameter, "locating an object beyond 2^32");
  }
  return Locate10(static_cast<uint32_t>(object), change, index, immediate);
}

Status PositionKeeper::Locate(uint32_t partition, uint64_t object, bool immediate) {
  constexpr uint32_t kMaxPartition = 256;
  if (partition > kMaxPartition) {
    return TapeFailure(TapeError::kInvalidParameter, "locating in a partition beyond 256");
  }
  TAPIR_RETURN_IF_ERROR(Choose());
  if (!DriveTells()) {
    if (immediate) return TapeFailure(TapeError::kNotSupported, "locating without waiting");
    return LocateByCount(partition, object);
  }
  TAPIR_ASSIGN_OR_RETURN(Cdb cdb, LocateCommand(partition, object, immediate));
  Forget();
  TAPIR_ASSIGN_OR_RETURN(Answer answer, runner_.Run(cdb));
  if (Stops(answer)) return runner_.Failure(answer, "locating");
  runner_.SetPositionKnown();
  return OkStatus();
}

Status PositionKeeper::LocateByCount(uint32_t partition, uint64_t object) {
  TAPIR_RETURN_IF_ERROR(CheckPartition(partition));
  bool known = object_.has_value() && runner_.lost() == TapeError::kNone;
  if (!known || *object_ > object) TAPIR_RETURN_IF_ERROR(Rewind(false));
  uint64_t left = object - *object_;
  // That marks are passed as if they were blocks does no harm here, as long as the end of data is
  // not met.
  while (!residuals_work_ && left > 1) {
    TAPIR_ASSIGN_OR_RETURN(Walk step, StepBySpacing(left - 1));
    if (step.at_end) return TapeFailure(TapeError::kNoDataDetected, "locating");
    left -= step.passed;
    Passed(step.passed);
  }
  TAPIR_ASSIGN_OR_RETURN(Walk walk, WalkForward(left, kAny));
  if (walk.passed == left) return OkStatus();
  return TapeFailure(TapeError::kNoDataDetected, "locating");
}

Result<PositionKeeper::Walk> PositionKeeper::StepBySpacing(uint64_t objects) {
  auto count = static_cast<int32_t>(std::min<uint64_t>(objects, kMaxSpace24));
  TAPIR_ASSIGN_OR_RETURN(Answer answer, runner_.Run(Space6(SpaceCode::kBlocks, count)));
  bool complete = !Stops(answer);
  bool mark = answer.error() == TapeError::kFilemarkDetected;
  bool end = answer.error() == TapeError::kNoDataDetected;
  bool told = answer.sense.information_valid && answer.sense.information >= 0 &&
              answer.sense.information <= count;
  if (!complete && !((mark || end) && told)) {
    Forget();
    return runner_.Failure(answer, kSpacing);
  }
  int64_t left = complete ? 0 : answer.sense.information;
  return Walk{.passed = static_cast<uint64_t>(count - left) + (mark ? 1 : 0),
              .marks = mark ? 1u : 0u,
              .at_end = end};
}

Result<PositionKeeper::Walk> PositionKeeper::StepByReading() {
  // Shorter than a block: the drive says so and stands behind it.
  std::array<std::byte, 4> room{};
  TAPIR_ASSIGN_OR_RETURN(
      Answer answer, runner_.Run(Read6(false, static_cast<uint32_t>(room.size())), {.in = room}));
  if (!answer.done()) {
    Forget();
    return runner_.Failure(answer, kSpacing);
  }
  bool mark = answer.error() == TapeError::kFilemarkDetected;
  bool end = answer.error() == TapeError::kNoDataDetected;
  return Walk{.passed = end ? 0u : 1u, .marks = mark ? 1u : 0u, .at_end = end};
}

Result<PositionKeeper::Walk> PositionKeeper::WalkForward(uint64_t objects, uint64_t marks) {
  Walk walk;
  while (walk.passed < objects && walk.marks < marks && !walk.at_end) {
    if (walk.passed >= kMostObjects) {
      Forget();
      return TapeFailure(TapeError::kIoDevice, "spacing: the medium has no end");
    }
    TAPIR_ASSIGN_OR_RETURN(
        Walk step, residuals_work_ ? StepBySpacing(objects - walk.passed) : StepByReading());
    walk.passed += step.passed;
    walk.marks += step.marks;
    walk.at_end = step.at_end;
    Passed(step.passed);
  }
  return walk;
}

Status PositionKeeper::EndOfData(uint32_t partition) {
  TAPIR_RETURN_IF_ERROR(Choose());
  if (DriveTells()) {
    if (partition != 0) {
      TAPIR_ASSIGN_OR_RETURN(TapePosition now, Ask());
      if (now.partition != partition) TAPIR_RETURN_IF_ERROR(Locate(partition, 0, false));
    }
  } else {
    TAPIR_RETURN_IF_ERROR(CheckPartition(partition));
    if (object_ && runner_.lost() == TapeError::kNone) {
      return WalkForward(kAny, kAny).status();
    }
  }
  Forget();
  TAPIR_ASSIGN_OR_RETURN(Answer answer, runner_.Run(Space6(SpaceCode::kEndOfData, 0)));
  if (!answer.done()) return runner_.Failure(answer, kSpacing);
  runner_.SetPositionKnown();
  return OkStatus();
}

Status PositionKeeper::SpaceByReading(SpaceCode code, int64_t count) {
  bool marks = code == SpaceCode::kFilemarks;
  if (count < 0 || (!marks && code != SpaceCode::kBlocks)) {
    return TapeFailure(TapeError::kNotSupported, "spacing backward on this drive");
  }
  if (marks) return SpaceMarksByCount(count);
  TAPIR_ASSIGN_OR_RETURN(Walk walk, WalkForward(static_cast<uint64_t>(count), 1));
  if (walk.marks > 0) return TapeFailure(TapeError::kFilemarkDetected, kSpacing);
  return walk.at_end ? TapeFailure(TapeError::kNoDataDetected, kSpacing) : OkStatus();
}

Status PositionKeeper::SpaceMarksByCount(int64_t count) {
  TAPIR_ASSIGN_OR_RETURN(Walk walk, WalkForward(kAny, static_cast<uint64_t>(count)));
  if (walk.marks == static_cast<uint64_t>(count)) return OkStatus();
  return TapeFailure(TapeError::kNoDataDetected, kSpacing);
}

void PositionKeeper::AccountBlocks(const Answer& answer, int64_t count) {
  if (!object_) return;
  int64_t asked = count < 0 ? -count : count;
  bool told = answer.sense.information_valid && answer.sense.information >= 0 &&
              answer.sense.information <= asked;
  bool mark = answer.error() == TapeError::kFilemarkDetected;
  uint64_t moved = static_cast<uint64_t>(asked);
  if (Stops(answer)) {
    if (answer.error() == TapeError::kBeginningOfMedia) return Stand(partition_, 0);
    if (!told || (!mark && answer.error() != TapeError::kNoDataDetected)) return Forget();
    moved = static_cast<uint64_t>(asked - answer.sense.information) + (mark ? 1 : 0);
  }
  if (count >= 0) {
    *object_ += moved;
  } else {
    // Some drives stay at the beginning without a word.
    *object_ -= std::min(*object_, moved);
  }
}

Status PositionKeeper::Space(SpaceCode code, int64_t count) {
  TAPIR_RETURN_IF_ERROR(runner_.CheckPosition(kSpacing));
  if (count == 0) return OkStatus();
  if (!residuals_work_) return SpaceByReading(code, count);
  bool counts = !DriveTells() && object_.has_value();
  bool walks = counts && code == SpaceCode::kFilemarks && count > 0;
  if (walks) return SpaceMarksByCount(count);
  bool short_form = count >= -kMaxSpace24 && count <= kMaxSpace24;
  if (!short_form && !runner_.Has(opcode::kSpace16)) {
    return TapeFailure(TapeError::kInvalidParameter, "spacing over more than 2^23 objects");
  }
  Cdb cdb = short_form ? Space6(code, static_cast<int32_t>(count)) : Space16(code, count);
  bool keep = counts && code == SpaceCode::kBlocks;
  if (!keep) Forget();
  Result<Answer> answer = runner_.Run(cdb);
  if (!answer.ok()) {
    Forget();
    return answer.status();
  }
  if (keep) AccountBlocks(*answer, count);
  return Stops(*answer) ? runner_.Failure(*answer, kSpacing) : OkStatus();
}

}  // namespace tapir::scsi
