#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tapir/base/status.h"
#include "tapir/jobs/restore_job.h"

namespace tapir::cli {

inline constexpr std::string_view kNtfs = "ntfs:";

/// Whether the name stands for an NTFS volume and not for a directory.
bool IsNtfsName(const std::string& name);

/// The file that holds the NTFS volume named; empty if it is none or no regular file.
std::string ImageFileOf(const std::string& name);

/// If the target named is an NTFS volume, has the job open that. `make_bytes`: not 0, make it.
/// kInvalidArgument, kUnsupported for what this build has not.
Status TakeForeignTarget(RestoreRequest& request, uint64_t make_bytes);

}  // namespace tapir::cli
