#pragma once

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/archive_job.h"

namespace tapir::cli {

/// Takes the paths with a prefix of their own out of those of the tree and makes them further
/// sources. They are opened: several NTFS volumes get their labels as first component.
/// kUnsupported for what this build has not, kInvalidArgument, device errors.
Status TakeForeignSources(ArchiveRequest& request, Reporter& reporter);

}  // namespace tapir::cli
