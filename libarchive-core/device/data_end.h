#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tapir::internal {

/// End of the last 4 KiB unit of `data` that is not zero, as an offset in it. A partial last unit
/// counts as a unit.
size_t LastDataEnd(std::span<const std::byte> data);

/// The same for the file before `before`: everything from the result up to it is hole or zero. What
/// cannot be read counts as data.
uint64_t FindDataEnd(int descriptor, uint64_t before);

}  // namespace tapir::internal
