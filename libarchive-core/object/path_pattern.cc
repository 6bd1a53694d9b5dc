#include "tapir/object/path_pattern.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace tapir {
namespace {

constexpr std::string_view kAnyComponents = "**";

/// Where the set that begins at pattern[start] == '[' ends, and whether `byte` is in it; nothing if
/// it has no end.
struct SetMatch {
  size_t end;
  bool matches;
};

unsigned char Byte(char c) { return static_cast<unsigned char>(c); }

std::optional<SetMatch> MatchSet(std::string_view pattern, size_t start, char byte) {
  size_t at = start + 1;
  const bool inverted = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (inverted) ++at;
  bool found = false;
  // A ']' right at the beginning is a member.
  for (const size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at != first) return SetMatch{at + 1, found != inverted};
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    const char low = pattern[at];
    char high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      at += 2;
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      high = pattern[at];
    }
    found |= Byte(low) <= Byte(byte) && Byte(byte) <= Byte(high);
  }
  return std::nullopt;
}

/// Matches one byte of the name against the pattern at `at`, which is moved behind what was used.
bool MatchByte(std::string_view pattern, size_t& at, char byte) {
  const char wanted = pattern[at];
  if (wanted == '?') {
    ++at;
    return true;
  }
  if (wanted == '[') {
    if (const std::optional<SetMatch> set = MatchSet(pattern, at, byte)) {
      at = set->end;
      return set->matches;
    }
  }
  if (wanted == '\\' && at + 1 < pattern.size()) ++at;
  return pattern[at++] == byte;
}

bool MatchComponent(std::string_view pattern, std::string_view name) {
  size_t at = 0;
  size_t used = 0;
  // Where to go on when the last '*' must take one byte more.
  size_t star = std::string_view::npos;
  size_t star_used = 0;
  while (used < name.size() || at < pattern.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      star_used = used;
      continue;
    }
    if (at < pattern.size() && used < name.size() && MatchByte(pattern, at, name[used])) {
      ++used;
      continue;
    }
    if (star == std::string_view::npos || star_used == name.size()) return false;
    at = star;
    used = ++star_used;
  }
  return true;
}

/// Cuts the first component off `rest`.
std::string_view TakeComponent(std::string_view& rest) {
  const size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view component = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return component;
}

}  // namespace

PathPattern::PathPattern(std::string_view text, Anchor anchor) {
  const bool tied = text.starts_with('/') || anchor == Anchor::kStart;
  std::vector<std::string> components;
  while (!text.empty()) {
    const std::string_view component = TakeComponent(text);
    if (!component.empty() && component != ".") components.emplace_back(component);
  }
  if (components.empty()) return;
  if (components.back() == kAnyComponents) components.insert(components.end() - 1, "*");
  if (!tied) components.emplace(components.begin(), kAnyComponents);
  names_only_ = !tied && components.size() == 2;
  components_ = std::move(components);
}

bool PathPattern::Matches(std::string_view path) const {
  if (components_.empty() || path == ".") return false;
  if (names_only_) {
    return MatchComponent(components_.back(), path.substr(path.rfind('/') + 1));
  }
  size_t at = 0;
  std::string_view rest = path;
  size_t star = SIZE_MAX;
  std::string_view star_rest;
  while (!rest.empty() || at < components_.size()) {
    if (at < components_.size() && components_[at] == kAnyComponents) {
      star = ++at;
      star_rest = rest;
      continue;
    }
    if (at < components_.size() && !rest.empty() &&
        MatchComponent(components_[at], TakeComponent(rest))) {
      ++at;
      continue;
    }
    if (star == SIZE_MAX || star_rest.empty()) return false;
    TakeComponent(star_rest);
    at = star;
    rest = star_rest;
  }
  return true;
}

bool PathPattern::MatchesOrIsAbove(std::string_view path) const {
  for (size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/', end + 1)) {
    if (Matches(path.substr(0, end))) return true;
  }
  return Matches(path);
}

}  // namespace tapir
