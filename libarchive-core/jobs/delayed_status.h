#pragma once

#include "tapir/base/status.h"
#include "tapir/windows/nt_status.h"

namespace tapir {

/// What Windows would say of a failure of VolumeFiles.
NtStatus NtStatusOf(const Status& failure);

}  // namespace tapir
