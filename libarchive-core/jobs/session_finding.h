#pragma once

#include <vector>

#include "jobs/session_choice.h"
#include "jobs/volume_set.h"
#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"

namespace tapir {

/// What is done about sessions on volumes of the set that were not given, whose indexes the last
/// one given holds.
enum class OtherVolumes { kLeftOut, kListed };

/// What a job does that reads what the sessions hold.
inline OtherVolumes OthersFor(const Selection& selection) {
  return selection.find_volume ? OtherVolumes::kListed : OtherVolumes::kLeftOut;
}

/// The sessions on these volumes that a selection means, in order. Where going to and fro is slow,
/// and for those on other volumes, their indexes are read beforehand. kNotFound if a session is
/// asked for that is not there. What cannot be read is appended to `damages`.
Result<ChosenSessions> FindSessions(OpenedSet& volumes, const Selection& selection,
                                    OtherVolumes others, std::vector<Damage>& damages);

}  // namespace tapir
