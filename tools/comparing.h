#pragma once

#include <string>

#include "tapir/jobs/compare_job.h"
#include "tools/command_run.h"

namespace tapir::cli {

/// Compares archived objects with what the name stands for, a directory or ntfs:IMAGE, and tells
/// `take` of each difference. Reporter, progress and cancellation are those of the run.
Result<CompareReport> CompareWithNamed(CompareRequest request, const std::string& with,
                                       CommandRun& run,
                                       const std::function<void(const Difference&)>& take);

}  // namespace tapir::cli
