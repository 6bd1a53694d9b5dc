#include "tools/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tapir::cli {

namespace {

struct Character {
  size_t length = 0;  ///< 0: the first byte begins no well-formed character
  uint32_t code = 0;
};

uint8_t ByteAt(std::string_view bytes, size_t index) { return static_cast<uint8_t>(bytes[index]); }

/// The character at the start of `bytes`, which are not empty.
Character FirstCharacter(std::string_view bytes) {
  const uint8_t first = ByteAt(bytes, 0);
  if (first < 0x80) return {1, first};
  size_t length = 0;
  uint32_t least = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    least = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    least = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    least = 0x10000;
  }
  if (length == 0 || bytes.size() < length) return {};
  uint32_t code = first & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    const uint8_t next = ByteAt(bytes, i);
    if ((next & 0xC0u) != 0x80) return {};
    code = code << 6 | (next & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least || code > 0x10FFFF || surrogate) return {};
  return {length, code};
}

/// Control characters, line and paragraph separators, and marks that turn or join writing: they
/// could make a terminal show another name than the one that is there.
bool ActsOnTerminal(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x61C ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF;
}

void AppendBytesEscaped(std::string& out, std::string_view bytes) {
  for (char byte : bytes) {
    switch (byte) {
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default: fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<uint8_t>(byte));
    }
  }
}

/// `with_backslash`: characters of ASCII that get a backslash before them.
void AppendSafe(std::string& out, std::string_view text, std::string_view with_backslash) {
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    const size_t length = character.length == 0 ? 1 : character.length;
    const std::string_view bytes = text.substr(0, length);
    if (character.length == 0 || ActsOnTerminal(character.code)) {
      AppendBytesEscaped(out, bytes);
    } else {
      if (length == 1 && with_backslash.find(bytes[0]) != std::string_view::npos) out += '\\';
      out += bytes;
    }
    text.remove_prefix(length);
  }
}

}  // namespace

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = FirstCharacter(bytes).length;
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

size_t CharacterCount(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<size_t>(FirstCharacter(text).length, 1));
    ++count;
  }
  return count;
}

void AppendEscaped(std::string& out, std::string_view name) { AppendSafe(out, name, "\\"); }

std::string Escaped(std::string_view name) {
  std::string out;
  AppendEscaped(out, name);
  return out;
}

std::string Quoted(std::string_view name) {
  std::string out = "'";
  AppendSafe(out, name, "\\'");
  return out + "'";
}

std::string SafeText(std::string_view text) {
  std::string out;
  AppendSafe(out, text, "");
  return out;
}

}  // namespace tapir::cli
