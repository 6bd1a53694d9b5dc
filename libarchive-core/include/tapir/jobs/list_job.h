#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"
#include "tapir/object/entry.h"

namespace tapir {

/// One line of a list.
struct ListedEntry {
  uint32_t session_number = 0;
  /// Volumes of the set on which the object begins and ends, by their numbers.
  uint32_t first_volume = 1;
  uint32_t last_volume = 1;
  bool torn = false;  ///< from a session that never ended
  const Entry& entry;
};

struct ListReport {
  uint64_t listed = 0;
  std::vector<std::string> unmatched_patterns;  ///< patterns that selected nothing
  bool torn = false;                            ///< the volume ends with an unfinished session
  uint64_t unsupported_sessions = 0;            ///< left out
  std::string missing_volumes;                  ///< parts of sessions, in words; empty if none
  /// Indexes that could not be read; those sessions were read by scan.
  std::vector<Damage> damages;
};

/// Hands out entries in path order (with kAll: session by session). Of a set of volumes the last
/// one is enough where it holds the indexes of those before. The callback may stop the list by
/// returning a failure. Reads the index; a stream, a session with a damaged index, or a torn one is
/// read through.
Result<ListReport> ListObjects(const std::string& volume, const Selection& selection,
                               const std::function<Status(const ListedEntry&)>& take);

}  // namespace tapir
