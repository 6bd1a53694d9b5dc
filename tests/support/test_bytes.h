#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

namespace tapir::test {

/// Bytes that do not compress.
inline std::string RandomBytes(size_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const uint64_t word = random();
    std::memcpy(&bytes[at], &word, std::min(sizeof word, size - at));
  }
  return bytes;
}

/// Bytes that compress well, other ones for each seed.
inline std::string TextBytes(size_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text;
  while (text.size() < size) text += "line " + std::to_string(random() % 100) + " of a file\n";
  text.resize(size);
  return text;
}

/// Tests that could take minutes sample their space unless TAPIR_FULL=1 asks for all of it.
inline bool FullRun() {
  const char* full = std::getenv("TAPIR_FULL");
  return full != nullptr && std::string_view(full) == "1";
}

/// How many times fewer cases of an exhaustive test are run where the sanitizers make each of them
/// slow; the release build runs them all. Odd, so that each bit of a byte and both of what takes
/// turns are still met.
#ifdef TAPIR_SANITIZED
inline constexpr uint64_t kThinning = 5;
#else
inline constexpr uint64_t kThinning = 1;
#endif
inline uint64_t Thinned(uint64_t step) { return FullRun() ? step : step * kThinning; }

}  // namespace tapir::test
