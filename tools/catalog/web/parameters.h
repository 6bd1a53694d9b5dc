#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/base/status.h"

namespace tapir::cli {

/// What stands behind the '?' of an address. All failures are kInvalidArgument.
class WebParameters {
 public:
  /// `query`: "a=1&b=x%20y". Malformed escapes, NUL and too many parameters are refused.
  static Result<WebParameters> Parse(std::string_view query);

  /// Refuses parameters of other names, and all but those in `repeatable` if they come twice.
  Status Check(std::initializer_list<std::string_view> known,
               std::initializer_list<std::string_view> repeatable = {}) const;

  /// Empty if it is not there.
  std::string Text(std::string_view name) const;
  bool Has(std::string_view name) const;
  /// Whether it is there as "1"; "0" and absence are no.
  Result<bool> Flag(std::string_view name) const;
  /// Decimal, from `least` to `most`; nothing if it is not there or empty.
  Result<std::optional<uint64_t>> Number(std::string_view name, uint64_t least,
                                         uint64_t most) const;
  /// Bytes that travel as EncodeId writes them; each in turn.
  Result<std::vector<std::string>> Ids(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

/// Any bytes as letters, digits, '-' and '_' (base64url without padding).
std::string EncodeId(std::string_view bytes);
/// kInvalidArgument for what EncodeId does not write.
Result<std::string> DecodeId(std::string_view text);

}  // namespace tapir::cli
