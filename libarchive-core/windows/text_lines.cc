#include "windows/text_lines.h"

#include <array>
#include <utility>

#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LeMark = "\xFF\xFE";
constexpr std::string_view kUtf16BeMark = "\xFE\xFF";
constexpr unsigned kUpperControls = 0x80;

// 0x80 to 0x9F of Windows-1252; what it leaves free stays a control character, as Windows has it.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

std::u16string FromWindows1252(std::string_view bytes) {
  std::u16string units;
  units.reserve(bytes.size());
  for (const char byte : bytes) {
    const auto code = static_cast<uint8_t>(byte);
    const bool is_upper_control =
        code >= kUpperControls && code < kUpperControls + kWindows1252.size();
    units += is_upper_control ? kWindows1252[code - kUpperControls] : char16_t{code};
  }
  return units;
}

std::u16string FromUtf16Le(ByteSpan bytes) {
  std::u16string units;
  units.reserve(bytes.size() / 2);
  for (size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    units += LoadLe<char16_t>(bytes.data() + at);
  }
  return units;
}

void Decode(ByteSpan bytes, TextEncoding encoding, TextLine& line) {
  switch (encoding) {
    case TextEncoding::kUtf8: {
      std::optional<std::u16string> units = Utf16(AsText(bytes));
      if (!units) line.fault = "text that is not UTF-8";
      line.text = units ? *std::move(units) : std::u16string();
      break;
    }
    case TextEncoding::kUtf16Le:
      if (bytes.size() % 2 != 0) line.fault = "half a character at the end";
      line.text = FromUtf16Le(bytes);
      break;
    case TextEncoding::kWindows1252: line.text = FromWindows1252(AsText(bytes)); break;
  }
  if (line.text.find(u'\0') != std::u16string::npos) line.fault = "a NUL character";
}

}  // namespace

std::optional<TextStart> StartOfText(ByteSpan bytes) {
  const std::string_view text = AsText(bytes);
  if (text.starts_with(kUtf16BeMark)) return std::nullopt;
  if (text.starts_with(kUtf16LeMark)) return TextStart{TextEncoding::kUtf16Le, kUtf16LeMark.size()};
  if (text.starts_with(kUtf8Mark)) return TextStart{TextEncoding::kUtf8, kUtf8Mark.size()};
  const bool has_wide_units = text.size() >= 2 && text[0] != '\0' && text[1] == '\0';
  return TextStart{has_wide_units ? TextEncoding::kUtf16Le : TextEncoding::kUtf8, 0};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (!Utf16(text.substr(0, end))) return false;
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return true;
}

std::u16string AnsiText(std::string_view bytes) {
  std::optional<std::u16string> units = Utf16(bytes);
  return units ? *std::move(units) : FromWindows1252(bytes);
}

// Behind the line break, or the end of the text.
size_t TextLines::EndOfLine() const {
  if (encoding_ != TextEncoding::kUtf16Le) {
    const size_t found = AsText(bytes_).find('\n', next_);
    return found == std::string_view::npos ? bytes_.size() : found + 1;
  }
  for (size_t at = next_; at + 2 <= bytes_.size(); at += 2) {
    if (LoadLe<char16_t>(bytes_.data() + at) == u'\n') return at + 2;
  }
  return bytes_.size();
}

bool TextLines::Next(TextLine& line) {
  if (next_ >= bytes_.size()) return false;
  const size_t end = EndOfLine();
  line.offset = next_;
  line.number = ++number_;
  line.fault = {};
  Decode(bytes_.subspan(next_, end - next_), encoding_, line);
  next_ = end;
  line.line_break = line.text.ends_with(u"\r\n") ? u"\r\n"
                    : line.text.ends_with(u'\n') ? u"\n"
                                                 : u"";
  line.text.resize(line.text.size() - line.line_break.size());
  return true;
}

}  // namespace tapir
