#pragma once

#include <span>
#include <string>

#include "target/shared.h"

namespace tapir::target {

/// Links `place` to a file or node that this run made at `primary_path`, or copies the file where
/// the system refuses (a loss).
Status MakeHardLink(Shared& shared, const std::string& primary_path, const Place& place,
                    const Metadata& metadata);

/// Reads until the buffer is full or the file ends. `path` is for the message.
Result<size_t> ReadAllAt(int fd, std::span<std::byte> buffer, uint64_t offset_bytes,
                         const std::string& path);

}  // namespace tapir::target
