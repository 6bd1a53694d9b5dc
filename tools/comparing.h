#pragma once

#include <string>

#include "tapir/jobs/compare_job.h"
#include "tools/command_run.h"

namespace tapir::cli {

struct ComparingRequest {
  std::string volume;
  Selection selection;
  std::string with;  ///< a directory, or an NTFS volume as ntfs:IMAGE
  unsigned threads = 2;
};

/// Compares archived objects with what the name stands for, and tells `take` of each difference.
Result<CompareReport> CompareWithNamed(const ComparingRequest& request, CommandRun& run,
                                       const std::function<void(const Difference&)>& take);

}  // namespace tapir::cli
