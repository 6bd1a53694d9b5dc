#pragma once

#include <cstdint>

#include "tapir/base/timestamp.h"

namespace tapir {

/// Times of Windows, 100 ns since 1601-01-01 (FILETIME, [MS-DTYP] 2.3.3), which its file systems
/// take as signed. Any thread.
Timestamp FromWindowsTime(uint64_t windows_time);
/// What is finer is left out, what is out of range wraps.
uint64_t ToWindowsTime(const Timestamp& time);

}  // namespace tapir
