#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tapir {

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;  ///< 0: malformed
};

/// The code point at the beginning of `text`, which is not empty: UTF-8 in its shortest form, and
/// surrogates as WTF-8 has them.
CodePoint FirstCodePoint(std::string_view text);

/// `code` is at most 0x10FFFF.
void AppendCodePoint(std::string& text, uint32_t code);

constexpr bool IsSurrogate(uint32_t code) { return code >= 0xD800 && code < 0xE000; }

}  // namespace tapir
