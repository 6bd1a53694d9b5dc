#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tapir {

/// Any sequence of 16-bit units as WTF-8: like UTF-8, and a surrogate without its other half as
/// three bytes. Lossless. Source: The WTF-8 encoding (simonsapin.github.io/wtf-8).
std::string Wtf8(std::u16string_view units);

/// The same of little-endian bytes; a last odd byte is not read.
std::string Wtf8FromLe(std::span<const std::byte> units);

/// Back to units. Nothing if the text is not WTF-8: malformed or overlong UTF-8, or a pair of
/// surrogates coded as two.
std::optional<std::u16string> Utf16(std::string_view wtf8);

}  // namespace tapir
