#pragma once

#include <functional>

#include "jobs/archived_object.h"
#include "tapir/base/status.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// Whether a live file of the archived size holds the archived bytes, by their digests. Where its
/// holes lie makes no difference. `advance` is called with the number of bytes behind it as it goes
/// on and may end it with a failure.
Result<bool> HoldsContents(SourceObject& live, bool may_have_holes,
                           const ArchivedContents& archived,
                           const std::function<Status(uint64_t)>& advance);

}  // namespace tapir
