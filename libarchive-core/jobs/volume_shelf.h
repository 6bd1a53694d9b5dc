#pragma once

#include <string>

#include "jobs/session_choice.h"
#include "jobs/volume_set.h"
#include "tapir/base/reporter.h"
#include "tapir/jobs/volume_wanted.h"

namespace tapir {

/// The volumes of a set while sessions are read from them in turn. Those that were given are open;
/// others are asked for when their turn comes, and may be put into a drive that held another one.
/// Single-thread.
class VolumeShelf {
 public:
  /// `ask` may be null. References must outlive this.
  VolumeShelf(OpenedSet& given, const VolumeSource& ask, Reporter* reporter)
      : given_(given), ask_(ask), reporter_(reporter) {}

  /// The volume that holds the session, open. kNotFound, told as a warning, if nobody has it.
  Result<OpenedVolume*> VolumeOf(const SessionPlace& place);

 private:
  Result<OpenedVolume> Open(const std::string& name, const SessionPlace& place, uint32_t sequence);
  Status Take(const std::string& name, const SessionPlace& place, uint32_t sequence);
  static Status NotAtHand(uint32_t sequence);
  void CloseAll();

  OpenedSet& given_;
  const VolumeSource& ask_;
  Reporter* reporter_;
  OpenedVolume asked_;  ///< the last one that was opened here
  uint32_t asked_sequence_ = 0;
  uint32_t refused_sequence_ = 0;  ///< nobody has it
};

}  // namespace tapir
