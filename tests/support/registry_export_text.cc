#include "tests/support/registry_export_text.h"

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"

namespace tapir::test {
namespace {

constexpr std::u16string_view kLineBreak = u"\r\n";

void PutHex(std::u16string& text, uint32_t number, size_t digits) {
  for (; digits > 0; --digits) {
    text += u"0123456789abcdef"[number >> (4 * (digits - 1)) & 0xF];
  }
}

void PutValue(std::u16string& text, const RegistryValue& value) {
  text += u'"';
  for (const char16_t unit : value.name) {
    if (unit == u'"' || unit == u'\\') text += u'\\';
    text += unit;
  }
  text += u"\"=hex(";
  PutHex(text, value.type, 8);
  text += u"):";
  for (size_t i = 0; i < value.data.size(); ++i) {
    if (i > 0) text += u',';
    PutHex(text, static_cast<uint8_t>(value.data[i]), 2);
  }
  text += kLineBreak;
}

void PutKeys(std::u16string& text, const std::u16string& path, const RegistryKey& key) {
  for (const RegistryKey& subkey : key.subkeys) {
    const std::u16string below = path.empty() ? subkey.name : path + u'\\' + subkey.name;
    text.append(kLineBreak).append(u"[").append(below).append(u"]").append(kLineBreak);
    for (const RegistryValue& value : subkey.values) PutValue(text, value);
    PutKeys(text, below, subkey);
  }
}

std::string Bytes(std::u16string_view units) {
  std::string bytes = "\xff\xfe";
  WriteCursor to(bytes);
  for (const char16_t unit : units) to.U16(unit);
  return bytes;
}

}  // namespace

std::string InUtf16(std::string_view text) {
  const std::optional<std::u16string> units = Utf16(text);
  if (!units) throw std::invalid_argument("not WTF-8");
  return Bytes(*units);
}

std::string ExportText(const RegistryKey& root) {
  std::u16string text = u"Windows Registry Editor Version 5.00\r\n";
  PutKeys(text, {}, root);
  return Bytes(text);
}

}  // namespace tapir::test
