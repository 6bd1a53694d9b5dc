#pragma once

#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/archive_job.h"
#include "tools/foreign_sources.h"
#include "tools/policy_options.h"

namespace tapir::cli {

/// Takes the foreign sources, as TakeForeignSources does, and then the policy that the arguments
/// mean: of the Windows among the sources, of a place, or none. Its warnings are told.
Status TakeSourcesAndPolicy(const PolicyArguments& arguments, ArchiveRequest& request,
                            Reporter& reporter);

}  // namespace tapir::cli
