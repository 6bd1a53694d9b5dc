#pragma once

#include <string>

#include "bytes/cursor.h"

namespace tapir {

/// Names what a medium holds that is no Tapir volume, from its first bytes (64 KiB or what there
/// is): "a tar archive", "an LTFS tape", ..., or "unknown data".
std::string IdentifyForeign(ByteSpan first_bytes);

}  // namespace tapir
