#include "catalog/sqlite_database.h"

namespace tapir::catalog {
namespace {

// How long a writer waits for another one. Imports let go several times a second.
constexpr int kBusyTimeoutMs = 120'000;

StatusCode CodeOf(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return StatusCode::kBusy;
    case SQLITE_CORRUPT: return StatusCode::kCorrupt;
    case SQLITE_NOTADB: return StatusCode::kForeign;
    case SQLITE_INTERRUPT: return StatusCode::kCancelled;
    default: return StatusCode::kDeviceError;
  }
}

}  // namespace

Status SqliteFailure(sqlite3* database) {
  const int extended = sqlite3_extended_errcode(database);
  const int sys_errno = sqlite3_system_errno(database);
  const StatusCode code = CodeOf(extended & 0xFF);
  if (code == StatusCode::kDeviceError && sys_errno != 0) {
    return Status::FromErrno(sys_errno, sqlite3_errmsg(database));
  }
  return Status(code, sqlite3_errmsg(database));
}

void SqliteStatement::BindText(int parameter, std::string_view text) {
  sqlite3_bind_text64(get(), parameter, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteStatement::BindBytes(int parameter, std::string_view bytes) {
  // A null pointer would be NULL.
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(get(), parameter, data, bytes.size(), SQLITE_STATIC);
}

Result<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Status failure = SqliteFailure(sqlite3_db_handle(get()));
  sqlite3_reset(get());
  return failure;
}

Status SqliteStatement::Run() {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const bool more, Step());
    if (!more) break;
  }
  Reset();
  return OkStatus();
}

Result<std::optional<int64_t>> SqliteStatement::Insert() {
  TAPIR_RETURN_IF_ERROR(Run());
  sqlite3* database = sqlite3_db_handle(get());
  if (sqlite3_changes(database) == 0) return std::optional<int64_t>();
  return std::optional<int64_t>(sqlite3_last_insert_rowid(database));
}

std::string_view SqliteStatement::Bytes(int column) {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(get(), column));
  return {data, static_cast<size_t>(sqlite3_column_bytes(get(), column))};
}

SqlValue SqliteStatement::Value(int column) {
  switch (sqlite3_column_type(get(), column)) {
    case SQLITE_INTEGER: return Integer(column);
    case SQLITE_TEXT: return std::string(Bytes(column));
    case SQLITE_BLOB: return SqlBytes{std::string(Bytes(column))};
    default: return {};
  }
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   flags | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));
  if (handle == nullptr) return Internal("no memory for a database");
  if (code != SQLITE_OK) return SqliteFailure(handle);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // The file is not trusted: its schema calls no function, computes nothing in place of a table and
  // does nothing by itself, and what it says is checked.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  return database;
}

Result<SqliteStatement> SqliteDatabase::Prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  SqliteStatement statement;
  statement.statement_.reset(handle);
  if (code != SQLITE_OK) return SqliteFailure(database_.get());
  return statement;
}

Result<std::vector<SqlRow>> SqliteDatabase::Run(std::string_view sql,
                                                std::span<const SqlValue> values) {
  TAPIR_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  int parameter = 0;
  for (const SqlValue& value : values) {
    ++parameter;
    if (const auto* number = std::get_if<int64_t>(&value)) {
      statement.Bind(parameter, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      statement.BindText(parameter, *text);
    } else if (const auto* bytes = std::get_if<SqlBytes>(&value)) {
      statement.BindBytes(parameter, bytes->bytes);
    }
  }
  std::vector<SqlRow> rows;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) break;
    SqlRow& row = rows.emplace_back();
    for (int column = 0; column < statement.column_count(); ++column) {
      row.push_back(statement.Value(column));
    }
  }
  return rows;
}

Status SqliteDatabase::RunScript(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? OkStatus() : SqliteFailure(database_.get());
}

}  // namespace tapir::catalog
