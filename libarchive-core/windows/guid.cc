#include "tapir/windows/guid.h"

#include <cstdint>

namespace tapir {
namespace {

// Which byte each pair of digits stands for, in the order of the text.
constexpr std::array<size_t, 16> kByteOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                               8, 9, 10, 11, 12, 13, 14, 15};
constexpr size_t kTextLength = 36;

constexpr bool DashBefore(size_t pair) { return pair == 4 || pair == 6 || pair == 8 || pair == 10; }

std::optional<uint8_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string GuidText(const Guid& guid) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t pair = 0; pair < guid.size(); ++pair) {
    if (DashBefore(pair)) text += '-';
    const auto byte = std::to_integer<uint8_t>(guid[kByteOrder[pair]]);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

std::optional<Guid> ParseGuid(std::string_view text) {
  if (text.size() == kTextLength + 2 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, kTextLength);
  }
  if (text.size() != kTextLength) return std::nullopt;
  Guid guid;
  size_t at = 0;
  for (size_t pair = 0; pair < guid.size(); ++pair) {
    if (DashBefore(pair) && text[at++] != '-') return std::nullopt;
    const auto high = HexDigit(text[at++]);
    const auto low = HexDigit(text[at++]);
    if (!high || !low) return std::nullopt;
    guid[kByteOrder[pair]] = static_cast<std::byte>(*high << 4 | *low);
  }
  return guid;
}

}  // namespace tapir
