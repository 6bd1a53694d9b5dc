#pragma once

#include <functional>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/jobs/list_job.h"

namespace tapir {

/// ListObjects for a device that cannot locate: reads it through, then hands out what is selected. Keeps
/// the entries of all sessions in memory.
Result<ListReport> ListStream(BlockDevice& device, const Selection& selection,
                              const std::function<Status(const ListedEntry&)>& take);

}  // namespace tapir
