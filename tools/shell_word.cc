#include "tools/shell_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/escape.h"

namespace tapir::cli {

namespace {

constexpr std::string_view kPlainMarks = "_./:@%+=,-";

bool IsPlain(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || kPlainMarks.find(byte) != std::string_view::npos;
}

std::string InSingleQuotes(std::string_view text) {
  std::string word = "'";
  for (const char byte : text) {
    if (byte == '\'') {
      word += "'\\''";
    } else {
      word += byte;
    }
  }
  return word + "'";
}

std::string WithEscapes(std::string_view bytes) {
  std::string word = "$'";
  for (const char byte : bytes) {
    if (byte == '\'' || byte == '\\') word += '\\';
    if (byte >= ' ' && byte <= '~') {
      word += byte;
    } else {
      fmt::format_to(std::back_inserter(word), "\\x{:02X}", static_cast<unsigned char>(byte));
    }
  }
  return word + "'";
}

}  // namespace

std::string ShellWord(std::string_view bytes) {
  if (!bytes.empty() && std::all_of(bytes.begin(), bytes.end(), IsPlain)) {
    return std::string(bytes);
  }
  // What SafeText leaves alone can be shown, copied and put in again.
  return SafeText(bytes) == bytes ? InSingleQuotes(bytes) : WithEscapes(bytes);
}

std::string PatternOfPath(std::string_view path) {
  std::string pattern = "/";
  for (const char byte : path) {
    if (byte == '*' || byte == '?' || byte == '[' || byte == '\\') pattern += '\\';
    pattern += byte;
  }
  return pattern;
}

}  // namespace tapir::cli
