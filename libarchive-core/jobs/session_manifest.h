#pragma once

#include <optional>

#include "jobs/open_volume.h"
#include "jobs/session_choice.h"
#include "tapir/object/policy_manifest.h"

namespace tapir {

/// The manifest of a session's policy, by its place. Nothing: it has none, or stands on another
/// volume. kCorrupt, device errors.
Result<std::optional<PolicyManifest>> ReadManifest(OpenedVolume& volume, const SessionPlace& place);

}  // namespace tapir
