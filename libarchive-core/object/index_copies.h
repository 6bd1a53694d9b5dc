#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <vector>

#include "container/session_records.h"
#include "container/volume.h"
#include "object/index_pages.h"
#include "tapir/base/status.h"

namespace tapir {

/// The index of a session as it was read, from its own section or from a copy in a later one.
struct GatheredIndex {
  IndexCopy index;  ///< its root is one of `pages`
  std::shared_ptr<SectionPages> pages;

  ChildPage root() const;
};

/// The index of a session, to be written once more.
struct CopiedIndex {
  IndexCopy index;  ///< without a root
  StoredLeaves leaves;
};

/// What is looked for.
struct WantedIndexes {
  std::set<SessionId> sessions;
  bool of_earlier_volumes = false;  ///< all copies of what other volumes of the set hold
};

/// What is known of a volume whose indexes are read. References are to be kept alive.
struct SessionDirectory {
  const Label& label;
  const std::vector<SessionEntry>& sessions;
  const FoundEnd* last_end = nullptr;  ///< of the last of them, if it was read
};

inline SessionDirectory DirectoryOf(const VolumeState& state) {
  const bool ended_last = state.last_end && !state.sessions.empty() &&
                          state.last_end->record.session_id == state.sessions.back().session_id;
  return {state.label, state.sessions, ended_last ? &*state.last_end : nullptr};
}

/// Reads indexes from as few places as possible: the newest section that is wanted, and from there
/// the chain of those that hold copies (format chapter 7.3), then single ones. What cannot be found
/// or read is left out. Fails only as the device does.
Result<std::vector<GatheredIndex>> GatherIndexes(BlockDevice& device,
                                                 const SessionDirectory& directory,
                                                 WantedIndexes wanted);

/// Copies named by the volume's first END of sessions on earlier volumes of the set; their roots
/// cannot be read without going there. Empty if there are none or it cannot be read.
Result<std::vector<IndexCopy>> CopiesOfEarlierVolumes(BlockDevice& device,
                                                      const SessionDirectory& directory);

/// Which sessions a new one copies: those from this position in the directory on. `count` is how
/// many there are. So each index is copied a few times only, and from the last section a few steps
/// lead to all.
size_t FirstToCopy(size_t count);

/// What the next session on this volume copies.
Result<std::vector<CopiedIndex>> IndexesToCopy(BlockDevice& device,
                                               const SessionDirectory& directory);

/// All that the volume holds, and all copies from earlier volumes: for the next volume of the set.
Result<std::vector<CopiedIndex>> AllIndexes(BlockDevice& device, const SessionDirectory& directory);

}  // namespace tapir
