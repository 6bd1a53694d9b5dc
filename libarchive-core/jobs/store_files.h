#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "jobs/session_choice.h"
#include "jobs/volume_set.h"
#include "tapir/object/entry.h"

namespace tapir {

/// Calls `take` with the entries of a session, in order.
Status ForEachEntry(OpenedVolume& volume, const SessionPlace& place,
                    const std::function<void(const Entry&)>& take);

/// Finds common-store files by their SisStoreKey in the latest of the sessions that has them; one
/// that is there in pieces comes several times. `take` also learns the session's position.
Status FindStoreFiles(OpenedSet& volumes, const std::vector<SessionPlace>& sessions,
                      const std::set<std::string>& keys,
                      const std::function<void(size_t session, const Entry& entry)>& take);

}  // namespace tapir
