#pragma once

#include <cstdint>
#include <functional>

#include "tapir/device/tape_profile.h"

namespace tapir::vtape {

/// What a drive of a profile would have done so far.
struct ModelTimes {
  double total_s = 0;      ///< from the load on, the host's own pauses included
  double moving_s = 0;     ///< loading, locating, rewinding, unloading
  double streaming_s = 0;  ///< reading and writing
  double hitching_s = 0;   ///< stopping and going back
  uint64_t back_hitches = 0;
  uint64_t locates = 0;
};

/// Tells what time a real drive would take for what is done with a virtual tape. The tape is
/// serpentine: wraps run forth and back over its whole length, so two places of far apart numbers
/// may lie near each other. The drive's buffer hides short pauses of the host; when it has run
/// empty the tape stops, and starts with a back-hitch. Single-thread.
class TimeModel {
 public:
  using Clock = std::function<double()>;  ///< seconds of the host

  TimeModel(const TapeProfile& profile, Clock clock);

  /// Goes on counting where an earlier run stopped.
  void Continue(const ModelTimes& times) { times_ = times; }

  void Load();
  void Unload(uint64_t from_bytes);
  /// Places are bytes from the beginning of the medium.
  void Move(uint64_t from_bytes, uint64_t to_bytes);
  void Rewind(uint64_t from_bytes);
  void Write(uint64_t bytes);
  /// The buffer is written out and the tape stops.
  void Flush();
  void Read(uint64_t bytes);

  /// Up to now.
  ModelTimes times() const;

 private:
  enum class Motion { kStopped, kWriting, kReading };

  double Along(uint64_t bytes) const;
  /// What the host did since the last call: the drive went on writing or reading ahead.
  void PassHostTime();
  void DrainFor(double seconds);
  void ReadAheadFor(double seconds);
  void Stream(double bytes);
  /// Stops, which costs the way back before the next start.
  void Stop();
  void Travel(double seconds);

  TapeProfile profile_;
  Clock clock_;
  ModelTimes times_;
  double last_host_s_;
  double to_write_ = 0;    ///< bytes in the buffer that are not on the tape
  double read_ahead_ = 0;  ///< bytes in the buffer that the host has not asked for
  Motion motion_ = Motion::kStopped;
};

}  // namespace tapir::vtape
