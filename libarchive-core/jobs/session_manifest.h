#pragma once

#include <optional>
#include <vector>

#include "jobs/open_volume.h"
#include "jobs/session_choice.h"
#include "jobs/volume_set.h"
#include "tapir/base/damage.h"
#include "tapir/jobs/path_policy.h"
#include "tapir/object/policy_manifest.h"

namespace tapir {

/// The manifest of a session's policy, by its place. Nothing: it has none, or stands on another
/// volume. kCorrupt, device errors.
Result<std::optional<PolicyManifest>> ReadManifest(OpenedVolume& volume, const SessionPlace& place);

Damage ManifestDamage(const SessionPlace& place, const Status& failure);

/// With the drives of another policy if it tells none itself; else all is drive C.
PolicyManifest OnDrivesOf(PolicyManifest policy, const std::optional<PolicyManifest>& other);

/// The policy that a selection over these sessions obeys. Manifests that cannot be read are
/// appended to `damages`.
std::optional<PathPolicy> FindPolicy(OpenedSet& volumes, const std::vector<SessionPlace>& places,
                                     const Selection& selection, std::vector<Damage>& damages);

}  // namespace tapir
