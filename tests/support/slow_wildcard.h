#pragma once

#include <string_view>

#include "tapir/windows/upcase.h"

namespace tapir::test {

/// Whether a name fits a pattern, the plain way: all splits are tried. Time grows with the power of
/// the stars. "*.*" is no special case here.
inline bool MatchesSlowly(std::u16string_view pattern, std::u16string_view name, bool win32) {
  if (pattern.empty()) return name.empty();
  const bool wild_next = pattern.size() > 1 && (pattern[1] == u'*' || pattern[1] == u'?');
  if (pattern[0] == u'*') {
    const bool no_dots = win32 && pattern == u"*.";
    if (no_dots) return name.find(u'.') == std::u16string_view::npos;
    for (size_t i = 0; i <= name.size(); ++i) {
      if (MatchesSlowly(pattern.substr(1), name.substr(i), win32)) return true;
    }
    return false;
  }
  if (pattern[0] == u'?' && win32) {
    const bool at_end = name.empty() || name[0] == u'.';
    if (at_end) return MatchesSlowly(pattern.substr(1), name, win32);
    return MatchesSlowly(pattern.substr(1), name.substr(1), win32);
  }
  if (pattern[0] == u'.' && win32 && wild_next && name.empty()) {
    return MatchesSlowly(pattern.substr(1), name, win32);
  }
  if (name.empty()) return false;
  const bool fits = pattern[0] == u'?' || Upcase(pattern[0]) == Upcase(name[0]);
  return fits && MatchesSlowly(pattern.substr(1), name.substr(1), win32);
}

}  // namespace tapir::test
