#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ntfs/volume.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// The contents of a file by its reference. FileFailure::kUnsupported for reparse points and
/// encrypted files, kIsDirectory for directories. Callers hold the volume's lock.

/// kLimitExceeded if there is more.
Result<std::string> ReadContents(Volume& volume, uint64_t reference, uint64_t most_bytes);

/// ENOSPC leaves the old contents. The file gets new times and the archive attribute.
Status ReplaceContents(Volume& volume, uint64_t reference, std::span<const std::byte> contents);

}  // namespace tapir::ntfs
