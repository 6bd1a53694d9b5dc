#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tapir/base/status.h"

namespace tapir {

/// Another volume of a set is needed.
struct VolumeWanted {
  uint32_t sequence = 2;  ///< its number in the set
  std::string set_label;  ///< label of a volume of the set
  std::string set_uuid;
  std::string refused;   ///< why the volume named last cannot be taken; empty at first
  bool to_read = false;  ///< the volume with that number; else a blank one, to go on with
};

/// Names the volume that is ready now. A failure says that there is none: a session that is being
/// written is torn then, and what should be read is left out.
using VolumeSource = std::function<Result<std::string>(const VolumeWanted&)>;

}  // namespace tapir
