#pragma once

#include <string>

#include "tapir/jobs/verify_job.h"
#include "tools/json.h"

namespace tapir::cli {

/// "note" or "warning".
std::string SeverityWord(Severity severity);

/// "'a/b': EFS: offset 16: text".
std::string FindingAsText(const FormatFinding& finding);
Json FindingAsObject(const FormatFinding& finding);

/// Offset, severity, text.
Json FindingAsObject(const Finding& finding);

}  // namespace tapir::cli
