#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir::cli {

/// "4096", "64K", "1M", "2GiB": powers of 1024. kInvalidArgument for anything else.
Result<uint64_t> ParseSize(std::string_view text);

/// "17 bytes", "1.2 GiB": for people.
std::string FormatSize(uint64_t bytes);

/// "83,731"
std::string FormatCount(uint64_t count);

/// "1 object", "83,731 objects"; `plural` where it is not `singular` and "s".
std::string Counted(uint64_t count, std::string_view singular, std::string_view plural = {});

}  // namespace tapir::cli
