#pragma once

#include <string>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// Whether nothing at all stands on the medium; the device is at its beginning then. What cannot be
/// read is something.
Result<bool> IsBlank(BlockDevice& device);

/// What a medium holds in the words in which a refusal names it.
std::string NameContents(BlockDevice& device);

/// kExists naming what the medium holds, unless `permission` is that volume's label, its UUID, or
/// for other data these words.
Status CheckMayDestroy(BlockDevice& device, const std::string& permission);

}  // namespace tapir
