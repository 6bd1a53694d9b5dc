#include "tapir/catalog/search_form.h"

#include "bytes/utf8.h"
#include "tapir/windows/upcase.h"

namespace tapir::catalog {
namespace {

constexpr uint32_t kNotUtf8 = 0xFFFD;
constexpr uint32_t kEndOfBasicPlane = 0x10000;

char UpcaseAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string FormOf(std::string_view bytes, bool upper) {
  std::string form;
  form.reserve(bytes.size());
  while (!bytes.empty()) {
    if (static_cast<uint8_t>(bytes.front()) < 0x80) {
      form += upper ? UpcaseAscii(bytes.front()) : bytes.front();
      bytes.remove_prefix(1);
      continue;
    }
    const CodePoint code = FirstCodePoint(bytes);
    const bool is_character = code.bytes > 0 && !IsSurrogate(code.value);
    if (!is_character) {
      AppendCodePoint(form, kNotUtf8);
      bytes.remove_prefix(1);
      continue;
    }
    const bool in_table = upper && code.value < kEndOfBasicPlane;
    AppendCodePoint(form, in_table ? Upcase(static_cast<char16_t>(code.value)) : code.value);
    bytes.remove_prefix(code.bytes);
  }
  return form;
}

}  // namespace

std::string SearchForm(std::string_view bytes) { return FormOf(bytes, true); }

std::string TextForm(std::string_view bytes) { return FormOf(bytes, false); }

}  // namespace tapir::catalog
