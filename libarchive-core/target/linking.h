#pragma once

#include <span>
#include <string>

#include "target/shared.h"

namespace tapir::target {

/// Links `place` to a file or node that this run made at `primary_path`, or copies the file where
/// the system refuses (a loss).
Status MakeHardLink(Shared& shared, const std::string& primary_path, const Place& place,
                    const Metadata& metadata);

/// Reads the next data at or behind `offset_bytes`, up to a hole or until the buffer is full; size
/// 0 if there is none. `path` is for the message.
Result<DataRead> ReadNextData(int fd, std::span<std::byte> buffer, uint64_t offset_bytes,
                              const std::string& path);

}  // namespace tapir::target
