#pragma once

#include <string>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// Reads a list of paths (--files-from) from a descriptor to its end. Each path ends with
/// `separator`, '\n' or '\0'; behind the last one it may be missing. Empty ones are skipped,
/// nothing is unquoted. kInvalidArgument for a NUL in a list of lines, device error if it cannot be
/// read.
Result<std::vector<std::string>> ReadPathList(int fd, char separator);

}  // namespace tapir
