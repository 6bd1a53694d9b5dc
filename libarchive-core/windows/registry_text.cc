#include "tapir/windows/registry_text.h"

#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

bool IsText(uint32_t type) { return type == kRegSz || type == kRegExpandSz || type == kRegMultiSz; }

}  // namespace

std::optional<std::vector<std::string>> RegistryStrings(const RegistryValue& value) {
  if (!IsText(value.type)) return std::nullopt;
  std::vector<std::string> strings;
  const ByteSpan bytes = AsBytes(value.data);
  const bool is_list = value.type == kRegMultiSz;
  std::u16string one;
  bool open = !is_list;
  for (size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    const auto unit = LoadLe<char16_t>(bytes.data() + at);
    if (unit != 0) {
      one += unit;
      open = true;
      continue;
    }
    if (is_list && one.empty()) return strings;
    strings.push_back(Wtf8(std::exchange(one, {})));
    open = false;
    if (!is_list) return strings;
  }
  if (open) strings.push_back(Wtf8(one));
  return strings;
}

std::optional<RegistryValue> MakeRegistryStrings(std::u16string_view name, uint32_t type,
                                                 const std::vector<std::string>& strings) {
  const bool is_list = type == kRegMultiSz;
  if (!IsText(type) || (!is_list && strings.size() != 1)) return std::nullopt;
  RegistryValue value{std::u16string(name), type, {}};
  WriteCursor to(value.data);
  for (const std::string& text : strings) {
    const std::optional<std::u16string> units = Utf16(text);
    if (!units || units->find(u'\0') != std::u16string::npos) return std::nullopt;
    if (is_list && units->empty()) return std::nullopt;
    for (const char16_t unit : *units) to.U16(unit);
    to.U16(0);
  }
  if (is_list) to.U16(0);
  return value;
}

RegistryValue MakeRegistryNumber(std::u16string_view name, uint32_t number) {
  RegistryValue value{std::u16string(name), kRegDword, {}};
  WriteCursor(value.data).U32(number);
  return value;
}

}  // namespace tapir
