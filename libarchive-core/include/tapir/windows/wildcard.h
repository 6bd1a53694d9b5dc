#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapir {

/// A file name with '*' and '?', matched without regard to case as NTFS has it.
class Wildcard {
 public:
  enum class Mode : uint8_t {
    /// As a search by Win32 takes it ([MS-FSA] 2.1.4.4): '?' may stand for nothing before a dot or
    /// at the end, a dot before '*' or '?' for the end of the name, "*." at the end for a name
    /// without extension.
    kWin32,
    kPlain,  ///< '*' any characters, '?' one
  };

  /// In either mode "*" and "*.*" match every name.
  explicit Wildcard(std::u16string_view pattern, Mode mode = Mode::kWin32);

  bool Matches(std::u16string_view name) const;
  /// It has neither of the two.
  bool is_literal() const { return is_literal_; }

 private:
  enum class Kind : uint8_t {
    kUnit,
    kOne,           ///< any unit
    kOneOrNothing,  ///< any unit but a dot; nothing before a dot or at the end
    kAny,           ///< any units
    kAnyButDots,
    kDotOrEnd,
  };
  struct Token {
    Kind kind = Kind::kUnit;
    char16_t unit = 0;
  };

  std::vector<Token> tokens_;
  bool is_literal_ = true;
};

}  // namespace tapir
