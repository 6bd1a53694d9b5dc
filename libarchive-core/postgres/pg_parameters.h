#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/sql.h"

namespace tapir::catalog {

/// Types of the server, by its numbers for them.
inline constexpr Oid kPgBytes = 17;
inline constexpr Oid kPgBigint = 20;
inline constexpr Oid kPgInteger = 23;
inline constexpr Oid kPgText = 25;
/// The form of parameters and results.
inline constexpr int kPgBinary = 1;

/// Parameters of one statement, $1 and so on in the order in which they were added, in the server's
/// binary form. Single-thread.
class PgParameters {
 public:
  PgParameters() = default;
  explicit PgParameters(std::span<const SqlValue> values);

  PgParameters& Number(int64_t value);
  /// Text is UTF-8 for the server; a byte that is not, or is zero, becomes U+FFFD.
  PgParameters& Text(std::string_view text);
  PgParameters& Bytes(std::string_view bytes);
  PgParameters& Null();
  PgParameters& Numbers(std::span<const int64_t> values);
  PgParameters& Integers(std::span<const int32_t> values);
  PgParameters& ByteStrings(std::span<const std::string_view> values);
  /// Nothing is NULL.
  PgParameters& Texts(std::span<const std::optional<std::string>> values);

  int count() const { return static_cast<int>(values_.size()); }
  /// What PQsendQueryParams wants; good until the next call.
  const Oid* types() const { return types_.data(); }
  const char* const* pointers();
  const int* lengths();
  const int* formats();

 private:
  std::string& Add(Oid type);
  template <typename T>
  PgParameters& AddNumbers(Oid array, Oid element, std::span<const T> values);

  std::vector<Oid> types_;
  std::vector<std::optional<std::string>> values_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace tapir::catalog
