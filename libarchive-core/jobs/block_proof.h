#pragma once

#include <cstdint>

#include "tapir/base/status.h"
#include "tapir/device/tape_drive.h"

namespace tapir {

/// The largest block size up to `wanted_bytes`, a power of two, that comes back from the beginning
/// of the medium as it was written; halved until it does. What stood there is lost; the drive
/// stands at the beginning. A medium that can be written only once is not spoiled for it:
/// `wanted_bytes`.
Result<uint32_t> ProveBlockSize(TapeDrive& drive, uint32_t wanted_bytes);

}  // namespace tapir
