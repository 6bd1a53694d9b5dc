#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/timestamp.h"
#include "tapir/jobs/volume_wanted.h"
#include "tapir/object/policy_manifest.h"

namespace tapir {

/// Which sessions are looked at.
enum class SessionChoice {
  kNewest,  ///< the newest state of each path over all ended sessions (format chapter 6.4)
  kAll,     ///< every session on its own, in order
  kLast,    ///< the last ended session alone
  kNumber,  ///< one session alone
};

/// Whose policy says that objects are not meant.
enum class PolicyUse : uint8_t {
  kNone,
  kOfVolume,  ///< of the last session looked at that has one; none of a volume read as a stream
  kGiven,     ///< drives that it does not tell are those of the volume's, else all is drive C
};

/// Which objects of a volume are meant.
struct Selection {
  /// Paths or globs; empty: everything. Rules as PathPattern: a path selects itself and what is
  /// below.
  std::vector<std::string> patterns;
  SessionChoice sessions = SessionChoice::kNewest;
  uint32_t session_number = 0;  ///< kNumber
  std::optional<Timestamp> at;  ///< only sessions that ended at or before it
  /// Further volumes of the set, in their order, that are read along with the first.
  std::vector<std::string> next_volumes;
  /// Names volumes of the set that were not given when their turn comes, so that one drive is
  /// enough: the last volume of a set has the indexes of all. Without it what they hold is left
  /// out.
  VolumeSource find_volume;
  /// What the file lists of a policy take is not looked at, in any session.
  PolicyUse policy_use = PolicyUse::kNone;
  PolicyManifest policy;  ///< PolicyUse::kGiven
  /// Not the objects themselves, but what rules of a policy left out.
  bool excluded = false;
  bool include_torn = false;  ///< complete objects of a session that never ended, too
};

}  // namespace tapir
