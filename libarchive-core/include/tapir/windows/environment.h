#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tapir {

/// Environment variables of Windows, whose values may name others as %NAME%. Names in any case,
/// text in WTF-8. Any thread may read.
class WindowsEnvironment {
 public:
  void Set(std::string_view name, std::string value);
  bool Has(std::string_view name) const;

  /// The value with all that it names put in. Nothing if one of them is not known, they name each
  /// other in a circle or over 10,000 in all, or the text grows over 32,767 bytes.
  std::optional<std::string> Value(std::string_view name) const;
  /// The same of any text.
  std::optional<std::string> Expand(std::string_view text) const;

 private:
  std::optional<std::string> Expanded(std::string_view text, unsigned levels, size_t& left) const;

  std::map<std::u16string, std::string> values_;  ///< by name in upper case
};

}  // namespace tapir
