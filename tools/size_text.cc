#include "tools/size_text.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace tapir::cli {

namespace {
constexpr std::string_view kPrefixes = "KMGTPE";
}  // namespace

Result<uint64_t> ParseSize(std::string_view text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest_at, error] = std::from_chars(text.data(), end, value);
  const std::string_view rest(rest_at, static_cast<size_t>(end - rest_at));
  if (error != std::errc() || rest.size() > 3 || (rest.size() >= 2 && rest.substr(1) != "iB")) {
    return InvalidArgument(
        fmt::format("'{}' is no size; give bytes, or as in 64K, 1M, 2GiB", text));
  }
  if (rest.empty()) return value;
  const char letter = rest[0] == 'k' ? 'K' : rest[0];
  const size_t power = kPrefixes.find(letter);
  if (power == std::string_view::npos) {
    return InvalidArgument(
        fmt::format("'{}' is no size; give bytes, or as in 64K, 1M, 2GiB", text));
  }
  const size_t shift = 10 * (power + 1);
  if (value > std::numeric_limits<uint64_t>::max() >> shift) {
    return InvalidArgument(fmt::format("{} is too much", text));
  }
  return value << shift;
}

std::string FormatSize(uint64_t bytes) {
  if (bytes < 1024) return Counted(bytes, "byte");
  auto value = static_cast<double>(bytes);
  size_t power = 0;
  // 1023.95 would be shown as 1024.0.
  while (value >= 1023.95) {
    value /= 1024;
    ++power;
  }
  return fmt::format("{:.1f} {}iB", value, kPrefixes[power - 1]);
}

std::string FormatCount(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

std::string Counted(uint64_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", singular);
  return plural.empty() ? fmt::format("{} {}s", FormatCount(count), singular)
                        : fmt::format("{} {}", FormatCount(count), plural);
}

}  // namespace tapir::cli
