#pragma once

#include "target/shared.h"

namespace tapir::target {

/// Makes a symbolic link, FIFO or device node. A device node that the system refuses is a loss,
/// not a failure.
Status MakeNode(Shared& shared, const Place& place, const Metadata& metadata);

}  // namespace tapir::target
