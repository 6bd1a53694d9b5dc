#include "tapir/windows/wtf8.h"

#include <cstdint>

#include "bytes/cursor.h"
#include "bytes/utf8.h"

namespace tapir {
namespace {

constexpr bool IsHigh(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool IsLow(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

template <typename UnitAt>
std::string Encode(size_t count, const UnitAt& unit_at) {
  std::string text;
  text.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    uint32_t code = unit_at(i);
    if (IsHigh(code) && i + 1 < count && IsLow(unit_at(i + 1))) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit_at(++i) - 0xDC00u);
    }
    AppendCodePoint(text, code);
  }
  return text;
}

}  // namespace

std::string Wtf8(std::u16string_view units) {
  return Encode(units.size(), [&](size_t i) -> uint32_t { return units[i]; });
}

std::string Wtf8FromLe(std::span<const std::byte> units) {
  return Encode(units.size() / 2,
                [&](size_t i) -> uint32_t { return LoadLe<uint16_t>(&units[2 * i]); });
}

std::optional<std::u16string> Utf16(std::string_view wtf8) {
  std::u16string units;
  units.reserve(wtf8.size());
  bool after_high = false;
  while (!wtf8.empty()) {
    const CodePoint code = FirstCodePoint(wtf8);
    if (code.bytes == 0 || (after_high && IsLow(code.value))) return std::nullopt;
    after_high = IsHigh(code.value);
    if (code.value < 0x10000) {
      units += static_cast<char16_t>(code.value);
    } else {
      units += static_cast<char16_t>(0xD800 + ((code.value - 0x10000) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((code.value - 0x10000) & 0x3FF));
    }
    wtf8.remove_prefix(code.bytes);
  }
  return units;
}

}  // namespace tapir
