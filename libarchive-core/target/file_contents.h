#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tapir/base/status.h"
#include "target/placing.h"

namespace tapir::target {

/// All of a regular file. kLimitExceeded if it is larger; FileFailure::kUnsupported for others.
Result<std::string> ReadContents(const Place& place, uint64_t most_bytes);

/// Makes a file, complete and on the disk before it has its name. `replaces`: it takes the place of
/// the regular file of that name, with its owner, mode and extended attributes.
Status ReplaceContents(const Place& place, bool replaces, std::span<const std::byte> contents);

}  // namespace tapir::target
