#pragma once

#include "tapir/jobs/archive_job.h"
#include "tools/command.h"

namespace tapir::cli {

/// --label, --block-size, --full-blocks.
void AddLabelOptions(CLI::App& app, LabelOptions& label);

}  // namespace tapir::cli
