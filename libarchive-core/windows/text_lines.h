#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes/cursor.h"

namespace tapir {

enum class TextEncoding : uint8_t { kUtf8, kUtf16Le, kWindows1252 };

/// What a text says of itself by a byte order mark, or by a second byte of zero.
struct TextStart {
  TextEncoding encoding = TextEncoding::kUtf8;
  size_t mark_bytes = 0;  ///< where the first line begins
};
/// Nothing: UTF-16 in big-endian order.
std::optional<TextStart> StartOfText(ByteSpan bytes);

/// In memory of one line.
bool IsUtf8(std::string_view text);

/// Text of an older Windows program: as UTF-8 if it is, else as Windows-1252.
std::u16string AnsiText(std::string_view bytes);

struct TextLine {
  std::u16string text;  ///< without its line break
  std::u16string_view line_break;
  uint64_t offset = 0;     ///< bytes from the start of the text
  uint64_t number = 0;     ///< from 1
  std::string_view fault;  ///< why there is no text, a clause; empty: it is sound
};

/// Goes through the lines of a text, which it does not own. A copy goes on where the original was.
/// Single-thread.
class TextLines {
 public:
  TextLines(ByteSpan bytes, const TextStart& start)
      : bytes_(bytes), encoding_(start.encoding), next_(start.mark_bytes) {}

  /// False at the end of the text.
  bool Next(TextLine& line);

 private:
  size_t EndOfLine() const;

  ByteSpan bytes_;
  TextEncoding encoding_;
  size_t next_;
  uint64_t number_ = 0;
};

}  // namespace tapir
