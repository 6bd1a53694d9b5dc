#pragma once

#include <cstdint>

#include "bytes/cursor.h"

namespace tapir {

/// The hash that guards entries of hive logs, with their seed. Source: Marvin32 as the .NET runtime
/// has it (github.com/dotnet/runtime, Marvin.cs).
uint64_t HiveEntryHash(ByteSpan bytes);

}  // namespace tapir
