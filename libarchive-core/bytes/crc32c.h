#pragma once

#include <cstdint>

#include "bytes/cursor.h"

namespace tapir {

/// CRC-32C (Castagnoli, polynomial 1EDC6F41h reflected, RFC 3720), by the processor's instruction
/// where it has one. `before` is the value of what stands in front of `bytes`.
uint32_t Crc32c(ByteSpan bytes, uint32_t before = 0);

/// The same by tables, on any processor.
uint32_t Crc32cPortable(ByteSpan bytes, uint32_t before = 0);

}  // namespace tapir
