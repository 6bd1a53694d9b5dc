#pragma once

#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir::cli {

/// Puts `text` into the file at `path` at once: whoever reads it meanwhile sees all of the old or
/// all of the new one. What is there and no regular file is written to directly.
Status WriteReportFile(const std::string& path, std::string_view text);

}  // namespace tapir::cli
