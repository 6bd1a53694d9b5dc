#pragma once

#include <string>

#include "tapir/jobs/session_policy.h"
#include "tools/command_run.h"
#include "tools/json.h"

namespace tapir::cli {

/// Whose policy it is.
struct PolicyOrigin {
  std::string session;           ///< "3", "photos:3"; empty: of no session
  Json fields = Json::object();  ///< what each object says of it
};

/// Prints inputs, values, entries and what is noteworthy, as text or objects; with `all` also the
/// values that are not there.
void ShowPolicy(const SessionPolicy& policy, const PolicyOrigin& origin, bool all, CommandRun& run);

}  // namespace tapir::cli
