#include "windows/file_time.h"

namespace tapir {
namespace {

constexpr int64_t kTicksPerSecond = 10'000'000;
constexpr uint32_t kNanosecondsPerTick = 100;
constexpr int64_t kSecondsFrom1601 = 11'644'473'600;

}  // namespace

Timestamp FromWindowsTime(uint64_t windows_time) {
  const auto ticks = static_cast<int64_t>(windows_time);
  int64_t seconds = ticks / kTicksPerSecond;
  int64_t rest = ticks % kTicksPerSecond;
  if (rest < 0) {
    rest += kTicksPerSecond;
    --seconds;
  }
  return {seconds - kSecondsFrom1601, static_cast<uint32_t>(rest) * kNanosecondsPerTick};
}

uint64_t ToWindowsTime(const Timestamp& time) {
  const uint64_t seconds = static_cast<uint64_t>(time.seconds) + uint64_t{kSecondsFrom1601};
  return seconds * uint64_t{kTicksPerSecond} + time.nanoseconds / kNanosecondsPerTick;
}

}  // namespace tapir
