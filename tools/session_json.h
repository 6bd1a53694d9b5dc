#pragma once

#include "tapir/jobs/volume_info.h"
#include "tools/json.h"

namespace tapir::cli {

Json SessionAsObject(const SessionInfo& session);
Json VolumeAsObject(const VolumeInfo& volume);

}  // namespace tapir::cli
