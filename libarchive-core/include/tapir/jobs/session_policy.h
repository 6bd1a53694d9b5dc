#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"
#include "tapir/object/policy_manifest.h"

namespace tapir {

/// What one rule of a policy left out of a session.
struct RuleOutcome {
  uint32_t rule = 0;  ///< its place among the rules of the manifest
  uint64_t objects = 0;
  uint64_t bytes = 0;  ///< of files
};

/// The policy of a session, and what came of it.
struct SessionPolicy {
  uint32_t session_number = 0;
  PolicyManifest manifest;
  std::vector<RuleOutcome> outcomes;  ///< only of rules that left something out
};

/// The policies of the sessions that are looked at and have one, in order. Only of volumes that can
/// be read in any order; kUnsupported else. Manifests that cannot be read are appended to
/// `damages`.
Result<std::vector<SessionPolicy>> ReadPolicies(const std::string& volume,
                                                const Selection& selection,
                                                std::vector<Damage>& damages);

}  // namespace tapir
