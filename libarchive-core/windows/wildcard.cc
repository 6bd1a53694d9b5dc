#include "tapir/windows/wildcard.h"

#include <algorithm>

#include "tapir/windows/upcase.h"

namespace tapir {

Wildcard::Wildcard(std::u16string_view pattern, Mode mode) {
  is_literal_ = pattern.find_first_of(u"*?") == std::u16string_view::npos;
  if (pattern == u"*.*") pattern = u"*";
  const bool win32 = mode == Mode::kWin32;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char16_t unit = pattern[i];
    const std::u16string_view rest = pattern.substr(i + 1);
    const bool wild_next = !rest.empty() && (rest[0] == u'*' || rest[0] == u'?');
    if (unit == u'*' && win32 && rest == u".") {
      tokens_.push_back({Kind::kAnyButDots});
      break;
    }
    if (unit == u'*') {
      tokens_.push_back({Kind::kAny});
    } else if (unit == u'?') {
      tokens_.push_back({win32 ? Kind::kOneOrNothing : Kind::kOne});
    } else if (unit == u'.' && win32 && wild_next) {
      tokens_.push_back({Kind::kDotOrEnd});
    } else {
      tokens_.push_back({Kind::kUnit, Upcase(unit)});
    }
  }
}

// Which numbers of tokens the beginning of the name read so far can have used up.
bool Wildcard::Matches(std::u16string_view name) const {
  std::vector<bool> reached(tokens_.size() + 1);
  reached[0] = true;
  // Tokens that stand for nothing where the next unit of the name is `next`, 0 at its end.
  const auto pass_empty = [&](char16_t next) {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const Kind kind = tokens_[i].kind;
      const bool at_dot_or_end = next == 0 || next == u'.';
      const bool can_be_empty = kind == Kind::kAny || kind == Kind::kAnyButDots ||
                                (kind == Kind::kOneOrNothing && at_dot_or_end) ||
                                (kind == Kind::kDotOrEnd && next == 0);
      if (reached[i] && can_be_empty) reached[i + 1] = true;
    }
  };
  for (const char16_t original : name) {
    const char16_t unit = Upcase(original);
    pass_empty(unit);
    std::vector<bool> then(reached.size());
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (!reached[i]) continue;
      switch (tokens_[i].kind) {
        case Kind::kUnit: then[i + 1] = then[i + 1] || unit == tokens_[i].unit; break;
        case Kind::kOne: then[i + 1] = true; break;
        case Kind::kOneOrNothing: then[i + 1] = then[i + 1] || unit != u'.'; break;
        case Kind::kAny: then[i] = true; break;
        case Kind::kAnyButDots: then[i] = then[i] || unit != u'.'; break;
        case Kind::kDotOrEnd: then[i + 1] = then[i + 1] || unit == u'.'; break;
      }
    }
    reached = std::move(then);
  }
  pass_empty(0);
  return reached.back();
}

}  // namespace tapir
