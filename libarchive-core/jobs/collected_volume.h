#pragma once

#include <map>
#include <set>
#include <vector>

#include "container/volume.h"
#include "jobs/entry_view.h"
#include "jobs/session_choice.h"
#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// What a volume holds, as it was met by reading from its beginning to its end.
struct CollectedVolume {
  /// Places where to go on are not set.
  VolumeState state;
  std::vector<SessionPlace> trailing;  ///< sessions behind the last one whose END can be read
  std::map<SessionId, StartRecord> starts;
  std::set<SessionId> readable_ends;
  std::map<SessionId, std::vector<Entry>> entries;
  std::vector<Damage> damages;
  uint64_t torn_unit = 0;  ///< where the first torn session begins, if there is one
};

/// Reads through a device that cannot locate. Statuses as ReadVolumeState. The entries of all
/// sessions are kept in memory if they are wanted.
Result<CollectedVolume> CollectVolume(BlockDevice& device, bool with_entries);

/// The entries that a selection means; takes them out of `volume`. kNotFound as EntryView::Open.
Result<EntryView> ViewCollected(CollectedVolume& volume, const Selection& selection);

}  // namespace tapir
