#pragma once

#include <cstdint>

#include "tapir/base/ambient.h"
#include "tapir/base/status.h"
#include "tapir/jobs/hive_update.h"

namespace tapir {

/// Writes RestoreStatusResult and, if `details` is not 0, RestoreStatusDetails into the SOFTWARE
/// hive of the Windows on a volume, as Srdelayed.exe does where Windows runs; by PutBackHives and
/// ReplaceHives. False: the volume holds no such hive. Errors as theirs, and as ReadHive says.
Result<bool> WriteRestoreStatus(const OpenVolumeFiles& open, uint32_t result, uint32_t details,
                                Ambient& ambient);

}  // namespace tapir
