#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/delayed_operations.h"

namespace tapir::cli {

/// The operations of a list: one a line, its parts separated by tabs, "move FROM TO", "delete
/// PATH", "shortname NAME PATH". Empty lines and those that begin with '#' are passed over.
/// kInvalidArgument with the line.
Result<std::vector<DelayedOperation>> ParseOperationList(std::string_view text);

/// A file as a whole, "-" for standard input. Device errors.
Result<std::string> ReadWholeInput(const std::string& file);

}  // namespace tapir::cli
