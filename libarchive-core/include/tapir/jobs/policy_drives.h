#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/policy_manifest.h"

namespace tapir {

/// Drives of Windows that are directories of this machine: letter in upper case, directory.
using DriveDirectories = std::vector<std::pair<char16_t, std::string>>;

/// Where these drives lie in a session with the paths (as PosixSourceOptions takes them): nothing
/// for a drive of which none of them is, is above, or is below. Links in directories are resolved.
/// kInvalidArgument for a path that cannot be archived, a device error if a directory is not there.
Result<std::vector<PolicyDrive>> DrivesInTree(const std::string& base_directory,
                                              const std::vector<std::string>& paths,
                                              const DriveDirectories& drives);

}  // namespace tapir
