#include "tapir/windows/wtf8.h"

#include <cstdint>

#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr bool IsHigh(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool IsLow(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

void AppendCodePoint(std::string& text, uint32_t code) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80 | (code >> shift & 0x3F));
  };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;  // 0: malformed
};

CodePoint FirstCodePoint(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  uint32_t value = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[bytes] || value > 0x10FFFF) return {};
  return {value, bytes};
}

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
