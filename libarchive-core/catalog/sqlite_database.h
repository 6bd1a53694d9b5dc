#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/sql.h"
#include "tapir/base/status.h"

namespace tapir::catalog {

/// A prepared statement. What is bound must stay until Reset. Single-thread.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  /// Parameters are counted from 1.
  void Bind(int parameter, int64_t value) { sqlite3_bind_int64(get(), parameter, value); }
  void BindText(int parameter, std::string_view text);
  void BindBytes(int parameter, std::string_view bytes);
  void BindNull(int parameter) { sqlite3_bind_null(get(), parameter); }

  /// True: there is a row; false: the statement is done.
  Result<bool> Step();
  /// Runs to the end and resets.
  Status Run();
  /// The same of an INSERT of one row: the number of the row, if one was added. (RETURNING would
  /// make a temporary table each time.)
  Result<std::optional<int64_t>> Insert();
  void Reset() { sqlite3_reset(get()); }

  /// Columns of the row are counted from 0; views are good until the next call.
  int64_t Integer(int column) { return sqlite3_column_int64(get(), column); }
  std::string_view Bytes(int column);
  SqlValue Value(int column);
  int column_count() { return sqlite3_column_count(get()); }

 private:
  friend class SqliteDatabase;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* get() { return statement_.get(); }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One open database file. Single-thread.
class SqliteDatabase : public SqlConnection {
 public:
  /// `flags` as sqlite3_open_v2. kNotFound, kForeign (no database), kDeviceError.
  static Result<std::unique_ptr<SqliteDatabase>> Open(const std::string& path, int flags);

  Result<SqliteStatement> Prepare(std::string_view sql);
  Result<std::vector<SqlRow>> Run(std::string_view sql,
                                  std::span<const SqlValue> values = {}) override;
  /// Several statements without parameters or results.
  Status RunScript(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  explicit SqliteDatabase(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

/// What the database says of its last failure, as a Status.
Status SqliteFailure(sqlite3* database);

}  // namespace tapir::catalog
