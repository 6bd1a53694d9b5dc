#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device/scsi/commands.h"
#include "device/scsi/replies.h"
#include "device/scsi/sense.h"
#include "device/scsi/transport.h"
#include "tapir/base/status.h"
#include "tapir/device/tape_error.h"

namespace tapir::scsi {

/// What a drive said to a command.
struct Answer {
  bool good = false;  ///< without any sense; else `sense` and `rule` say what there is
  Sense sense;
  const SenseRule* rule = nullptr;
  size_t transferred = 0;

  TapeError error() const { return good ? TapeError::kNone : rule->error; }
  /// Carried out, though it may have met something.
  bool done() const { return good || (rule->next == NextStep::kGoOn && !sense.deferred); }
  bool Says(NextStep step) const { return !good && rule->next == step && !sense.deferred; }
};

/// Sends commands and does what is the same for all of them: waits for a drive that is becoming
/// ready, answers unit attentions, repeats what was aborted and may be repeated, knows time limits,
/// and keeps in mind that the position was lost. Not thread-safe.
class CommandRunner {
 public:
  /// `wait` takes milliseconds; empty: sleeps.
  CommandRunner(std::unique_ptr<ScsiTransport> transport, std::function<void(uint32_t)> wait);

  struct Data {
    ByteSpan out;
    std::span<std::byte> in;
    bool may_wait = true;  ///< for a drive that is not ready yet, up to the command's time limit
  };
  /// Fails only with the transport, or if nothing came of waiting for a busy drive.
  Result<Answer> Run(const Cdb& cdb, const Data& data);
  Result<Answer> Run(const Cdb& cdb) { return Run(cdb, Data()); }
  /// As Run; what was not carried out is a failure of `doing`.
  Result<Answer> Must(const Cdb& cdb, std::string_view doing, const Data& data);
  Result<Answer> Must(const Cdb& cdb, std::string_view doing) { return Must(cdb, doing, Data()); }
  Status Failure(const Answer& answer, std::string_view doing) const;

  const ScsiTransport& transport() const { return *transport_; }

  /// What REPORT SUPPORTED OPERATION CODES said.
  void SetSupported(const std::vector<SupportedCommand>& commands);
  /// False once a command was refused, or if there is a list and it is not on it. Without a list,
  /// commands that every sequential-access device has count as there.
  bool Has(uint8_t code) const;
  uint32_t TimeLimitMs(uint8_t code) const;

  /// kNone, or why nobody knows where the drive stands: kBusReset or kMediaChanged.
  TapeError lost() const { return lost_; }
  void SetPositionKnown() { lost_ = TapeError::kNone; }
  /// OK unless the position was lost.
  Status CheckPosition(std::string_view doing) const;

  /// Called before the next READ or WRITE when settings of the drive may have changed.
  void SetRefresh(std::function<Status()> refresh) { refresh_ = std::move(refresh); }
  void SetStale() { stale_ = true; }
  /// True, once, after the drive said that what it tells of itself has changed.
  bool TakeChanged() { return std::exchange(changed_, false); }
  /// Sleeps, or what stands for it.
  void Wait(uint32_t ms) { wait_(ms); }
  /// Does that now if it is due.
  Status Refresh();

  /// A unit attention of a medium change before the drive works again is of our own doing.
  void ExpectMediumChange() { expects_change_ = true; }
  void StopExpecting() { expects_change_ = false; }

  /// From now on a drive that is not ready is not waited for.
  void StopWaiting() { may_wait_ = false; }

  bool cleaning_wanted() const { return cleaning_wanted_; }
  void SetCleaningWanted(bool wanted) { cleaning_wanted_ = wanted; }
  uint64_t recovered_errors() const { return recovered_errors_; }

 private:
  struct Attempt;
  Result<Answer> Once(const Cdb& cdb, const Data& data);
  /// True if the command is to be sent again.
  bool Again(const Cdb& cdb, const Data& data, const Answer& answer, Attempt& attempt);
  bool Pause(const Cdb& cdb, Attempt& attempt);
  void Note(const Cdb& cdb, const Answer& answer);

  std::unique_ptr<ScsiTransport> transport_;
  std::function<void(uint32_t)> wait_;
  std::function<Status()> refresh_;
  bool stale_ = true;
  bool changed_ = false;
  bool refreshing_ = false;
  bool has_list_ = false;
  std::bitset<256> listed_;
  std::bitset<256> refused_;
  std::array<uint32_t, 256> told_limits_s_{};
  TapeError lost_ = TapeError::kNone;
  bool expects_change_ = false;
  bool may_wait_ = true;
  bool cleaning_wanted_ = false;
  uint64_t recovered_errors_ = 0;
};

}  // namespace tapir::scsi
