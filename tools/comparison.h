#pragma once

#include <string>
#include <string_view>

#include "tapir/jobs/compare_job.h"
#include "tools/command_run.h"
#include "tools/json.h"

namespace tapir::cli {

ExitStatus ExitStatusOf(const CompareReport& report);

/// {"kind":"mode","path":"a/b","text":"..."}
Json DifferenceAsObject(const Difference& difference);

/// As a line or object on the output of results.
void ShowDifference(const Difference& difference, CommandRun& run);

std::string ComparisonSentence(std::string_view directory, const CompareReport& report);

/// The last object of `verify --against --json`.
Json ComparisonAsObject(std::string_view volume, std::string_view directory,
                        const CompareReport& report);

}  // namespace tapir::cli
