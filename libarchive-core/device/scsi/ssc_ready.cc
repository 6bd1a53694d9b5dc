// Loading, and waiting for what is loaded.

#include <algorithm>

#include "device/scsi/ssc_drive.h"

namespace tapir::scsi {
namespace {

// The first use of a cartridge may take so long: it is measured out.
constexpr uint64_t kLongestLoadMs = 2u * 3600 * 1000;
constexpr uint32_t kPauseMs = 1000;
constexpr unsigned kMostAttentions = 16;

std::optional<unsigned> PercentOf(const Sense& sense) {
  if (!sense.progress) return std::nullopt;
  return *sense.progress * 100u / 65536;
}

}  // namespace

Status SscDrive::MakeReady(const TapeLoadingWatch& watch) {
  bool told_to_load = false;
  unsigned attentions = 0;
  uint64_t waited_ms = 0;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(Answer answer, runner_.Run(TestUnitReady(), {.may_wait = false}));
    if (answer.Says(NextStep::kReestablish) && ++attentions <= kMostAttentions) continue;
    bool to_load = answer.Says(NextStep::kLoad) && !told_to_load;
    bool on_its_way = answer.Says(NextStep::kWait) || (told_to_load && !answer.done());
    if (!to_load && !on_its_way) break;
    if (to_load) {
      told_to_load = true;
      Status begun = Load(false, true);
      // The drive may have no such option.
      if (TapeErrorOf(begun) == TapeError::kNotSupported) begun = Load(false, false);
      TAPIR_RETURN_IF_ERROR(begun);
      continue;
    }
    if (waited_ms >= kLongestLoadMs) return runner_.Failure(answer, "waiting for the medium");
    if (watch && !watch({waited_ms, PercentOf(answer.sense)})) {
      return Cancelled(name() + ": the medium is not waited for any longer");
    }
    runner_.Wait(kPauseMs);
    waited_ms += kPauseMs;
  }
  // A drive that is not ready tells little of itself.
  if (waited_ms > 0) Learn();
  return OkStatus();
}

}  // namespace tapir::scsi
