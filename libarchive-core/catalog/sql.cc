#include "catalog/sql.h"

#include <limits>

namespace tapir::catalog {

int64_t SqlFields::Integer() {
  const auto* value = std::get_if<int64_t>(&row_[next_++]);
  return value != nullptr ? *value : 0;
}

std::string SqlFields::Text() {
  auto* value = std::get_if<std::string>(&row_[next_++]);
  return value != nullptr ? std::move(*value) : std::string();
}

std::string SqlFields::Bytes() {
  auto* value = std::get_if<SqlBytes>(&row_[next_++]);
  return value != nullptr ? std::move(value->bytes) : std::string();
}

Timestamp SqlFields::Time() { return FromNanoseconds(Integer()); }

int64_t ToNanoseconds(const Timestamp& time) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / kNanosecondsPerSecond;
  if (time.seconds >= kMost) return std::numeric_limits<int64_t>::max();
  if (time.seconds < -kMost) return std::numeric_limits<int64_t>::min();
  return time.seconds * kNanosecondsPerSecond + time.nanoseconds;
}

Timestamp FromNanoseconds(int64_t nanoseconds) {
  int64_t seconds = nanoseconds / kNanosecondsPerSecond;
  int64_t rest = nanoseconds % kNanosecondsPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kNanosecondsPerSecond;
  }
  return {seconds, static_cast<uint32_t>(rest)};
}

}  // namespace tapir::catalog
