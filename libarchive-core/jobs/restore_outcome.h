#pragma once

#include <string>

#include "jobs/restore_sink.h"
#include "tapir/jobs/restore_job.h"

namespace tapir {

RestoreSink::Options SinkOptions(const RestoreRequest& request, SisHandling& sis);

/// Adds to the report what the sink counted.
void TakeCounts(const RestoreCounts& counts, RestoreReport& report);

/// The directory, or words for a target that is something else.
std::string TargetName(const PosixTargetOptions& target);

/// A failure that ended the run, with the name of what it was: the volume or the target.
Status NameFailure(Status outcome, const std::string& volume, const PosixTargetOptions& target,
                   RestoreSink& sink);

}  // namespace tapir
