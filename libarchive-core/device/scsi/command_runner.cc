#include "device/scsi/command_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace tapir::scsi {
namespace {

constexpr uint32_t kHour = 3600;
// Where a drive does not tell: the longest that drives of today take.
struct Limit {
  uint8_t code;
  uint32_t seconds;
};
constexpr Limit kLimits[] = {
    {opcode::kRewind, kHour},
    {opcode::kFormatMedium, 4 * kHour},
    {opcode::kRead6, kHour / 2},
    {opcode::kWrite6, kHour / 2},
    {opcode::kWriteFilemarks6, kHour / 2},
    {opcode::kWriteFilemarks16, kHour / 2},
    {opcode::kSpace6, kHour},
    {opcode::kSpace16, kHour},
    {opcode::kErase6, 16 * kHour},
    // A new medium may be measured out first, for up to two hours.
    {opcode::kLoadUnload, 2 * kHour},
    {opcode::kLocate10, kHour},
    {opcode::kLocate16, kHour},
    {opcode::kModeSelect6, kHour / 2},
    {opcode::kModeSelect10, kHour / 2},
};
constexpr uint32_t kOtherLimit = 120;
constexpr uint32_t kMinLimit = 10;
constexpr uint32_t kMaxLimit = 48 * kHour;

// SSC, table of commands: what every sequential-access device implements.
constexpr uint8_t kMandatory[] = {
    opcode::kTestUnitReady,   opcode::kRewind,       opcode::kRequestSense,
    opcode::kReadBlockLimits, opcode::kRead6,        opcode::kWrite6,
    opcode::kWriteFilemarks6, opcode::kSpace6,       opcode::kInquiry,
    opcode::kModeSelect6,     opcode::kModeSense6,   opcode::kErase6,
    opcode::kLoadUnload,      opcode::kPreventAllow, opcode::kLocate10,
    opcode::kReadPosition,    opcode::kLogSense,
};

// Sent twice they do the same as once.
bool Repeatable(uint8_t code) {
  constexpr uint8_t kNot[] = {opcode::kRead6,  opcode::kWrite6,      opcode::kWriteFilemarks6,
                              opcode::kSpace6, opcode::kSpace16,     opcode::kWriteFilemarks16,
                              opcode::kErase6, opcode::kFormatMedium};
  return std::find(std::begin(kNot), std::end(kNot), code) == std::end(kNot);
}

// Done elsewhere than where the drive was brought to, these read or destroy something else.
bool DependsOnPosition(const Cdb& cdb) {
  switch (cdb.opcode()) {
    case opcode::kRead6:
    case opcode::kWrite6:
    case opcode::kWriteFilemarks6:
    case opcode::kWriteFilemarks16:
    case opcode::kErase6: return true;
    default: return false;
  }
}

bool TransfersBlocks(uint8_t code) { return code == opcode::kRead6 || code == opcode::kWrite6; }

constexpr unsigned kMaxAttentions = 16;
constexpr uint32_t kFirstPauseMs = 10;
constexpr uint32_t kLongestPauseMs = 1000;

void Sleep(uint32_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace

struct CommandRunner::Attempt {
  unsigned attentions = 0;
  bool repeated = false;
  uint32_t pause_ms = kFirstPauseMs;
  uint64_t waited_ms = 0;
};

CommandRunner::CommandRunner(std::unique_ptr<ScsiTransport> transport,
                             std::function<void(uint32_t)> wait)
    : transport_(std::move(transport)), wait_(wait ? std::move(wait) : Sleep) {}

void CommandRunner::SetSupported(const std::vector<SupportedCommand>& commands) {
  has_list_ = true;
  listed_.reset();
  refused_.reset();
  told_limits_s_.fill(0);
  for (const SupportedCommand& command : commands) {
    listed_.set(command.opcode);
    uint32_t& limit = told_limits_s_[command.opcode];
    limit = std::max({limit, command.recommended_s, command.nominal_s});
  }
}

bool CommandRunner::Has(uint8_t code) const {
  if (refused_[code]) return false;
  if (has_list_) return listed_[code];
  return std::find(std::begin(kMandatory), std::end(kMandatory), code) != std::end(kMandatory);
}

uint32_t CommandRunner::TimeLimitMs(uint8_t code) const {
  uint32_t seconds = told_limits_s_[code];
  if (seconds == 0) {
    seconds = kOtherLimit;
    for (const Limit& limit : kLimits) {
      if (limit.code == code) seconds = limit.seconds;
    }
  }
  return std::clamp(seconds, kMinLimit, kMaxLimit) * 1000;
}

Status CommandRunner::CheckPosition(std::string_view doing) const {
  if (lost_ == TapeError::kNone) return OkStatus();
  return TapeFailure(
      lost_, fmt::format("{}: {}: the position is not known any more", transport_->name(), doing));
}

Status CommandRunner::Refresh() {
  if (!stale_ || refreshing_ || !refresh_) return OkStatus();
  stale_ = false;
  refreshing_ = true;
  Status status = refresh_();
  refreshing_ = false;
  stale_ = stale_ || !status.ok();
  return status;
}

Result<Answer> CommandRunner::Once(const Cdb& cdb, const Data& data) {
  Result<ScsiReply> result = transport_->Execute({.cdb = cdb.span(),
                                                  .data_out = data.out,
                                                  .data_in = data.in,
                                                  .time_limit_ms = TimeLimitMs(cdb.opcode())});
  if (!result.ok()) return std::move(result).status().Annotate(transport_->name());
  Answer answer;
  answer.transferred = std::min(result->transferred, std::max(data.in.size(), data.out.size()));
  switch (result->status) {
    case scsi_status::kGood:
    case scsi_status::kConditionMet: answer.good = true; return answer;
    case scsi_status::kReservationConflict:
      return TapeFailure(TapeError::kIoDevice,
                         transport_->name() + ": the drive is reserved by another host");
    case scsi_status::kBusy:
    case scsi_status::kTaskSetFull:
      answer.sense = {.present = true, .key = 0x2, .asc = 0x04, .ascq = 0x01};
      break;
    case scsi_status::kTaskAborted: answer.sense = {.present = true, .key = 0xB}; break;
    default: answer.sense = DecodeSense(result->sense_bytes());
  }
  answer.rule = &RuleFor(answer.sense);
  return answer;
}

void CommandRunner::Note(const Cdb& cdb, const Answer& answer) {
  // Once the drive works, a medium that it was told to load is in: the next change is another one.
  if (answer.good && cdb.opcode() != opcode::kLoadUnload) expects_change_ = false;
  if (answer.good) return;
  if (answer.sense.key == 0x1) ++recovered_errors_;
  if (answer.error() == TapeError::kDeviceRequiresCleaning) cleaning_wanted_ = true;
  if (answer.sense.deferred) return;
  if (answer.sense.Is(0x5, 0x20, 0x00)) refused_.set(cdb.opcode());
  if (answer.rule->next == NextStep::kRefreshModes) stale_ = true;
  if (answer.rule->next == NextStep::kRelearn) stale_ = changed_ = true;
  if (answer.rule->next == NextStep::kReestablish) {
    stale_ = true;
    bool own = expects_change_ && answer.error() == TapeError::kMediaChanged;
    if (!own) lost_ = answer.error();
  }
}

bool CommandRunner::Pause(const Cdb& cdb, Attempt& attempt) {
  if (attempt.waited_ms >= TimeLimitMs(cdb.opcode())) return false;
  wait_(attempt.pause_ms);
  attempt.waited_ms += attempt.pause_ms;
  attempt.pause_ms = std::min(attempt.pause_ms * 2, kLongestPauseMs);
  return true;
}

bool CommandRunner::Again(const Cdb& cdb, const Data& data, const Answer& answer,
                          Attempt& attempt) {
  // A recovered error of an earlier command pushed this one aside.
  bool pushed_aside = answer.sense.deferred && answer.sense.key <= 0x1;
  if (pushed_aside) return ++attempt.attentions <= kMaxAttentions;
  if (answer.sense.deferred) return false;
  switch (answer.rule->next) {
    case NextStep::kWait: return data.may_wait && may_wait_ && Pause(cdb, attempt);
    case NextStep::kRelearn:
    case NextStep::kRefreshModes: return ++attempt.attentions <= kMaxAttentions;
    case NextStep::kReestablish: {
      bool own = expects_change_ && answer.error() == TapeError::kMediaChanged;
      return own && ++attempt.attentions <= kMaxAttentions;
    }
    case NextStep::kRetry:
      if (answer.sense.key == 0x6) return ++attempt.attentions <= kMaxAttentions;
      return answer.sense.key == 0xB && Repeatable(cdb.opcode()) &&
             !std::exchange(attempt.repeated, true);
    default: return false;
  }
}

Result<Answer> CommandRunner::Run(const Cdb& cdb, const Data& data) {
  Attempt attempt;
  while (true) {
    if (TransfersBlocks(cdb.opcode())) TAPIR_RETURN_IF_ERROR(Refresh());
    // What was sent on the way here may have brought the news of a reset.
    if (DependsOnPosition(cdb)) TAPIR_RETURN_IF_ERROR(CheckPosition("reading or writing"));
    TAPIR_ASSIGN_OR_RETURN(Answer answer, Once(cdb, data));
    Note(cdb, answer);
    if (answer.good || !Again(cdb, data, answer, attempt)) return answer;
  }
}

Result<Answer> CommandRunner::Must(const Cdb& cdb, std::string_view doing, const Data& data) {
  Result<Answer> answer = Run(cdb, data);
  if (!answer.ok()) return std::move(answer).status().Annotate(doing);
  if (!answer->done()) return Failure(*answer, doing);
  return answer;
}

Status CommandRunner::Failure(const Answer& answer, std::string_view doing) const {
  TapeError error = answer.error() == TapeError::kNone ? TapeError::kIoDevice : answer.error();
  return TapeFailure(error, fmt::format("{}: {}: {} ({}){}", transport_->name(), doing,
                                        answer.rule->words, SenseText(answer.sense),
                                        answer.sense.deferred ? ", of an earlier command" : ""));
}

}  // namespace tapir::scsi
