#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "container/volume.h"
#include "object/index_copies.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"

namespace tapir {

/// A session of a volume.
struct SessionPlace {
  std::optional<SessionEntry> ended;  ///< nothing: it never ended, or its END is lost
  BlockPlace begin;                   ///< its first block, or a block before it
  uint32_t number = 0;
  SessionId id{};
  bool end_lost = false;  ///< it had ended, but its END cannot be read
  bool goes_on = false;   ///< it has no END here, and goes on on the next volume
  size_t volume = 0;      ///< of those read together
  /// The volume of the set that holds it, if that is none of those: only its index is at hand.
  uint32_t elsewhere = 0;
  /// Its index, if that was read beforehand.
  std::shared_ptr<const GatheredIndex> index;

  bool torn() const { return !ended && !end_lost && !goes_on; }
};

SessionPlace PlaceOf(const SessionEntry& entry);
/// Places of the ended sessions, then the others.
std::vector<SessionPlace> PlacesOf(const std::vector<SessionEntry>& ended,
                                   const std::vector<SessionPlace>& others);

/// The sessions that a selection looks at, in order.
struct ChosenSessions {
  std::vector<SessionPlace> places;
  uint64_t unsupported = 0;  ///< meant too, but with features this program does not know
};

/// Of `all`, in order. Those without END are looked at if no time is given; torn ones only if
/// `include_torn` is set. Parts of a session on several volumes count as one. kNotFound if a
/// session is asked for by a number that is not there.
Result<ChosenSessions> ChooseSessions(const std::vector<SessionPlace>& all,
                                      const Selection& selection);

/// Finds the sessions behind the last one whose END can be read by going through the blocks there.
Result<std::vector<SessionPlace>> FindTrailingSessions(BlockDevice& device,
                                                       const VolumeState& state);

/// Where the last ended session is over, or the label, if there is none: the unit of the first
/// block behind it that belongs to another session, else of what follows its last block.
Result<uint64_t> FindTornUnit(BlockDevice& device, const VolumeState& state);

}  // namespace tapir
