#pragma once

#include <string>
#include <string_view>

#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"

namespace tapir::cli {

/// What a day without a time of day means.
enum class WholeDay { kEnd, kBegin };

/// A moment as --at takes it: "2026-05-01" (the end of that day), "2026-05-01T12:30",
/// "2026-05-01 12:30:59.5", each in local time or with Z, +02, +0200 or +02:00 at its end;
/// "@1777631459.5" counts seconds since 1970. kInvalidArgument for anything else.
Result<Timestamp> ParseTime(std::string_view text, WholeDay day = WholeDay::kEnd);

/// "2026-05-01 12:30:59" in local time, or "@SECONDS" for what the calendar does not reach.
std::string FormatLocalTime(const Timestamp& time);

/// "2026-05-01T10:30:59.123456789Z", for programs.
std::string FormatUtcTime(const Timestamp& time);

}  // namespace tapir::cli
