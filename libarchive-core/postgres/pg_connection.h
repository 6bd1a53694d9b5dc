#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/sql.h"
#include "postgres/pg_parameters.h"
#include "tapir/base/status.h"

namespace tapir::catalog {

/// Rows that a statement gave. Rows and columns are counted from 0; what is NULL is 0 or empty.
class PgRows {
 public:
  explicit PgRows(PGresult* result) : result_(result) {}

  int size() const { return PQntuples(result_.get()); }
  int columns() const { return PQnfields(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  int64_t Integer(int row, int column) const;
  /// Good as long as this is.
  std::string_view Bytes(int row, int column) const;
  SqlValue Value(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

/// One connection to a server. Single-thread, but for what the server does meanwhile.
class PgConnection : public SqlConnection {
 public:
  /// Of the address no more is ever shown than what `name` has. kInvalidArgument, kDeviceError.
  static Result<std::unique_ptr<PgConnection>> Open(const std::string& url);

  /// Where it leads, without a password.
  std::string name() const;
  int server_version() const { return PQserverVersion(connection_.get()); }

  /// The server plans the statement once and keeps that: types of parameters are always the same.
  Result<PgRows> Query(const std::string& sql, PgParameters parameters = {});
  /// The same, planned for these parameters.
  Result<PgRows> QueryPlanned(const std::string& sql, PgParameters parameters);
  /// Planned each time.
  Result<std::vector<SqlRow>> Run(std::string_view sql,
                                  std::span<const SqlValue> values = {}) override;
  /// Several statements without parameters or results; one after the other, as one transaction
  /// where they do not say otherwise.
  Status RunScript(const std::string& sql);

  /// As Query, but does not wait. Only Settle may follow.
  Status Send(const std::string& sql, PgParameters parameters);
  /// Waits for what was sent, if anything was.
  Status Settle();

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit PgConnection(PGconn* connection) : connection_(connection) {}
  Status Failure(const PGresult* result) const;
  Result<std::string> Prepare(const std::string& sql, const PgParameters& parameters);
  Status HandOver(bool sent);
  Result<PgRows> Collect();

  std::unique_ptr<PGconn, Finish> connection_;
  std::unordered_map<std::string, std::string> prepared_;  ///< names of statements
  bool sent_ = false;
};

}  // namespace tapir::catalog
