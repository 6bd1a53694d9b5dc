#include "tapir/windows/environment.h"

#include <utility>

#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr unsigned kMostLevels = 16;
constexpr size_t kMostExpandedBytes = 32767;
// Names that name names: those of nothing would not make the text longer.
constexpr size_t kMostNames = 10'000;

// What is no text names nothing.
std::u16string NameKey(std::string_view name) {
  const std::optional<std::u16string> units = Utf16(name);
  return units ? Upcase(*units) : std::u16string();
}

}  // namespace

void WindowsEnvironment::Set(std::string_view name, std::string value) {
  values_[NameKey(name)] = std::move(value);
}

bool WindowsEnvironment::Has(std::string_view name) const {
  return values_.contains(NameKey(name));
}

std::optional<std::string> WindowsEnvironment::Value(std::string_view name) const {
  const auto found = values_.find(NameKey(name));
  if (found == values_.end()) return std::nullopt;
  size_t left = kMostNames;
  return Expanded(found->second, kMostLevels, left);
}

std::optional<std::string> WindowsEnvironment::Expand(std::string_view text) const {
  size_t left = kMostNames;
  return Expanded(text, kMostLevels, left);
}

std::optional<std::string> WindowsEnvironment::Expanded(std::string_view text, unsigned levels,
                                                        size_t& left) const {
  std::string expanded;
  for (;;) {
    const size_t begin = text.find('%');
    const size_t end = begin == std::string_view::npos ? begin : text.find('%', begin + 1);
    if (end == std::string_view::npos) break;
    const auto found = values_.find(NameKey(text.substr(begin + 1, end - begin - 1)));
    if (found == values_.end() || levels == 0 || left-- == 0) return std::nullopt;
    const std::optional<std::string> value = Expanded(found->second, levels - 1, left);
    if (!value) return std::nullopt;
    expanded.append(text.substr(0, begin)).append(*value);
    if (expanded.size() > kMostExpandedBytes) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  expanded.append(text);
  if (expanded.size() > kMostExpandedBytes) return std::nullopt;
  return expanded;
}

}  // namespace tapir
