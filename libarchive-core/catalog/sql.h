#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"

namespace tapir::catalog {

/// Bytes of any value, as opposed to text, which is UTF-8.
struct SqlBytes {
  std::string bytes;
};

/// Nothing is NULL.
using SqlValue = std::variant<std::monostate, int64_t, std::string, SqlBytes>;
using SqlRow = std::vector<SqlValue>;

/// A connection to a database that takes statements both kinds of server understand. Parameters are
/// written $1, $2, ... in the order in which they first occur. Single-thread.
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  /// All rows of one statement. kBusy, kCorrupt, kDeviceError.
  virtual Result<std::vector<SqlRow>> Run(std::string_view sql,
                                          std::span<const SqlValue> values = {}) = 0;
};

/// What databases call the same thing by different names.
struct SqlDialect {
  std::string_view key_column;  ///< type of a column that numbers its rows by itself
  std::string_view bytes;       ///< type of a column of bytes
};

/// Takes the values of a row one after the other; what is of another type than expected is 0, or
/// empty. Single-thread.
class SqlFields {
 public:
  explicit SqlFields(SqlRow& row) : row_(row) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(row_[next_]); }
  int64_t Integer();
  uint64_t Count() { return static_cast<uint64_t>(Integer()); }
  std::string Text();
  std::string Bytes();
  Timestamp Time();
  void Skip() { ++next_; }

 private:
  SqlRow& row_;
  size_t next_ = 0;
};

/// A moment as one number, nanoseconds since 1970, where that has room (1677 to 2262); what is
/// outside becomes the nearest.
int64_t ToNanoseconds(const Timestamp& time);
Timestamp FromNanoseconds(int64_t nanoseconds);

inline SqlValue Bytes(std::string_view bytes) { return SqlBytes{std::string(bytes)}; }
inline SqlValue Number(uint64_t number) { return static_cast<int64_t>(number); }

}  // namespace tapir::catalog
