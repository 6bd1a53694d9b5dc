#include "windows/delayed_path.h"

#include <algorithm>

#include "tapir/windows/guid.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::u16string_view kPrefix = u"\\??\\";
constexpr std::u16string_view kVolume = u"Volume{";
constexpr std::u16string_view kNotInComponents = u"/\"*<>?|:";
constexpr std::u16string_view kNotInShortNames = u"+,;=[]\\ .";
constexpr size_t kGuidUnits = 36;
constexpr size_t kMostComponentUnits = 255;
constexpr size_t kShortBaseUnits = 8;
constexpr size_t kShortExtensionUnits = 3;

bool IsLetter(char16_t unit) {
  return (unit >= u'A' && unit <= u'Z') || (unit >= u'a' && unit <= u'z');
}

bool IsForbidden(char16_t unit) {
  return unit < u' ' || kNotInComponents.find(unit) != std::u16string_view::npos;
}

std::optional<DelayedPathFault> CheckComponent(std::u16string_view name, size_t begin) {
  if (name.empty()) return DelayedPathFault{begin, "an empty component"};
  if (name == u"." || name == u"..") return DelayedPathFault{begin, "a component '.' or '..'"};
  if (name.size() > kMostComponentUnits) {
    return DelayedPathFault{begin, "a component of more than 255 characters"};
  }
  const auto bad = std::find_if(name.begin(), name.end(), IsForbidden);
  if (bad == name.end()) return std::nullopt;
  return DelayedPathFault{begin + static_cast<size_t>(bad - name.begin()),
                          "a character that no file name has"};
}

bool IsShortPart(std::u16string_view part, size_t most) {
  return !part.empty() && part.size() <= most && std::none_of(part.begin(), part.end(), [](auto u) {
    return IsForbidden(u) || kNotInShortNames.find(u) != std::u16string_view::npos;
  });
}

}  // namespace

size_t DelayedVolumeUnits(std::u16string_view path) {
  if (!path.starts_with(kPrefix)) return 0;
  const std::u16string_view rest = path.substr(kPrefix.size());
  if (rest.size() >= 2 && IsLetter(rest[0]) && rest[1] == u':') return kPrefix.size() + 2;
  const size_t length = kVolume.size() + kGuidUnits + 1;
  const bool is_volume = rest.starts_with(kVolume) && rest.size() >= length &&
                         rest[length - 1] == u'}' &&
                         ParseGuid(Wtf8(rest.substr(kVolume.size(), kGuidUnits))).has_value();
  return is_volume ? kPrefix.size() + length : 0;
}

std::optional<DelayedPathFault> CheckDelayedPath(std::u16string_view path) {
  if (path.size() > kMostDelayedPathUnits) {
    return DelayedPathFault{kMostDelayedPathUnits, "a path of more than 32,767 characters"};
  }
  const size_t volume = DelayedVolumeUnits(path);
  if (volume == 0 || volume >= path.size() || path[volume] != u'\\') {
    return DelayedPathFault{0, "a path that does not begin with \\??\\ and a local volume"};
  }
  size_t at = volume + 1;
  if (at == path.size()) return DelayedPathFault{volume, "a path that is a volume's root"};
  for (;;) {
    const size_t end = std::min(path.find(u'\\', at), path.size());
    if (const auto fault = CheckComponent(path.substr(at, end - at), at)) return fault;
    if (end == path.size()) return std::nullopt;
    at = end + 1;
    if (at == path.size()) return DelayedPathFault{end, "a path that ends with '\\'", false};
  }
}

bool IsShortName(std::u16string_view name) {
  const size_t dot = name.find(u'.');
  if (!IsShortPart(name.substr(0, dot), kShortBaseUnits)) return false;
  return dot == std::u16string_view::npos ||
         IsShortPart(name.substr(dot + 1), kShortExtensionUnits);
}

}  // namespace tapir
