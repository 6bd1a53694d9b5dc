#pragma once

#include <string>

#include "tapir/jobs/verify_job.h"
#include "tools/exit_status.h"
#include "tools/json.h"

namespace tapir::cli {

ExitStatus ExitStatusOf(const VerifyReport& report);

/// A sentence for everybody: what can be relied on.
std::string VerdictSentence(const VerifyRequest& request, const VerifyReport& report);

/// The sentence, and below it what was read, what that proves, each damage with its place, and what
/// is lost.
std::string VerdictAsText(const VerifyRequest& request, const VerifyReport& report);

/// The last object of `verify --json`.
Json VerdictAsObject(const VerifyRequest& request, const VerifyReport& report);

}  // namespace tapir::cli
