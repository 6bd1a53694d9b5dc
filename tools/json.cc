#include "tools/json.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "tools/escape.h"

namespace tapir::cli {

std::string ToLine(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

void PutName(Json& object, std::string_view name, std::string_view value) {
  object[std::string(name)] = value;
  if (!IsUtf8(value)) object[std::string(name) + "_base64"] = Base64(value);
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<uint8_t>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += k <= count ? kDigits[group >> (18 - 6 * k) & 63u] : '=';
    }
  }
  return out;
}

Json Nanoseconds(const Timestamp& time) {
  // The type of the compiler that is wide enough for any seconds of the format.
  __extension__ using Wide = __int128;
  Wide value = Wide{time.seconds} * kNanosecondsPerSecond + time.nanoseconds;
  if (value >= std::numeric_limits<int64_t>::min() &&
      value <= std::numeric_limits<int64_t>::max()) {
    return static_cast<int64_t>(value);
  }
  const bool negative = value < 0;
  std::string digits;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace tapir::cli
