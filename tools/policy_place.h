#pragma once

#include <string>
#include <vector>

#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/jobs/session_policy.h"
#include "tools/policy_options.h"

namespace tapir::cli {

/// The policies of what a user names: hives, exports, lists of rules, directories and ntfs:IMAGE
/// together make one, of session 0; every volume gives those of its sessions. Manifests of volumes
/// that cannot be read are appended to `damages`.
Result<std::vector<SessionPolicy>> ReadNamedPolicies(const std::vector<std::string>& places,
                                                     const PolicyArguments& arguments,
                                                     std::vector<Damage>& damages);

}  // namespace tapir::cli
