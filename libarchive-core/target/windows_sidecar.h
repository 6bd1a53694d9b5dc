#pragma once

#include <string>
#include <vector>

#include "tapir/object/metadata.h"

namespace tapir {

/// Name of the file that keeps, in each directory, what POSIX cannot hold of the objects there.
inline constexpr const char* kWindowsSidecarName = ".tapir-windows.json";

/// Its contents; `objects` are of one directory. See the manual page for the fields.
std::string WindowsSidecar(const std::vector<Metadata>& objects);

}  // namespace tapir
