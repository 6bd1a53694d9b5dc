#pragma once

#include "tools/command.h"

namespace tapir::cli {

/// Lists what rules of policies left out, with the entry that is why.
ExitStatus ListExcludedObjects(const CommonOptions& common, const Selection& selection,
                               bool null_terminated);

}  // namespace tapir::cli
