#pragma once

#include <compare>
#include <cstdint>

namespace tapir {

/// A moment: seconds since 1970-01-01T00:00:00Z and 0..999,999,999 nanoseconds, counting forward.
struct Timestamp {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

inline constexpr uint32_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace tapir
