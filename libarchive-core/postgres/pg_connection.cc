#include "postgres/pg_connection.h"

#include <fmt/format.h>

#include "postgres/pg_address.h"

namespace tapir::catalog {
namespace {

constexpr Oid kBool = 16;
constexpr Oid kSmallint = 21;

// By the class of SQLSTATE, its first two characters, or all five.
StatusCode CodeOf(std::string_view state) {
  if (state == "40001" || state == "40P01" || state == "55P03") return StatusCode::kBusy;
  if (state == "57014") return StatusCode::kCancelled;
  if (state == "3D000" || state == "3F000") return StatusCode::kNotFound;
  if (state.starts_with("XX0") && state != "XX000") return StatusCode::kCorrupt;
  return StatusCode::kDeviceError;
}

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return escaped;
}

// What libpq says of an option repeats its value.
Status NoConnection(const std::string& text) {
  const bool of_option =
      text.starts_with("invalid ") || text.find("\" for connection option \"") != std::string::npos;
  if (!of_option) return DeviceError(text);
  return InvalidArgument("an option in the address of the server has a value that libpq refuses");
}

std::string OrEmpty(const char* text) { return text == nullptr ? "" : text; }

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

}  // namespace

int64_t PgRows::Integer(int row, int column) const {
  const std::string_view bytes = Bytes(row, column);
  if (bytes.empty() || bytes.size() > sizeof(int64_t)) return 0;
  // Big-endian, in two's complement.
  uint64_t value = (static_cast<uint8_t>(bytes[0]) & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return static_cast<int64_t>(value);
}

std::string_view PgRows::Bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

SqlValue PgRows::Value(int row, int column) const {
  if (is_null(row, column)) return {};
  switch (PQftype(result_.get(), column)) {
    case kBool:
    case kSmallint:
    case kPgInteger:
    case kPgBigint: return Integer(row, column);
    case kPgBytes: return SqlBytes{std::string(Bytes(row, column))};
    default: return std::string(Bytes(row, column));
  }
}

Result<std::unique_ptr<PgConnection>> PgConnection::Open(const std::string& url) {
  // What libpq says of an address that it does not understand has parts of it, password too.
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(url.c_str(), nullptr));
  if (options == nullptr) return UnreadablePgAddress();
  TAPIR_RETURN_IF_ERROR(CheckPgAddress(url, options.get()));
  // What the address says goes before what stands here before it.
  const char* const keywords[] = {"connect_timeout", "fallback_application_name", "dbname",
                                  "client_encoding", nullptr};
  const char* const values[] = {"30", "tapir", url.c_str(), "UTF8", nullptr};
  constexpr int kExpandAddress = 1;
  std::unique_ptr<PgConnection> connection(
      new PgConnection(PQconnectdbParams(keywords, values, kExpandAddress)));
  PGconn* handle = connection->connection_.get();
  if (handle == nullptr) return Internal("no memory for a connection");
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  if (PQstatus(handle) != CONNECTION_OK) return NoConnection(FirstLine(PQerrorMessage(handle)));
  return connection;
}

std::string PgConnection::name() const {
  PGconn* handle = connection_.get();
  return fmt::format("postgresql://{}@{}:{}/{}", Escaped(OrEmpty(PQuser(handle))),
                     Escaped(OrEmpty(PQhost(handle))), OrEmpty(PQport(handle)),
                     Escaped(OrEmpty(PQdb(handle))));
}

Status PgConnection::Failure(const PGresult* result) const {
  const std::string state = OrEmpty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  std::string text = OrEmpty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (text.empty()) text = FirstLine(PQerrorMessage(connection_.get()));
  return Status(CodeOf(state), "the server: " + text);
}

Result<std::string> PgConnection::Prepare(const std::string& sql, const PgParameters& parameters) {
  const auto known = prepared_.find(sql);
  if (known != prepared_.end()) return known->second;
  const std::string name = fmt::format("tapir_{}", prepared_.size());
  TAPIR_RETURN_IF_ERROR(HandOver(PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(),
                                               parameters.count(), parameters.types()) != 0));
  TAPIR_RETURN_IF_ERROR(Collect().status());
  prepared_.emplace(sql, name);
  return name;
}

Status PgConnection::Send(const std::string& sql, PgParameters parameters) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_ASSIGN_OR_RETURN(const std::string name, Prepare(sql, parameters));
  return HandOver(PQsendQueryPrepared(connection_.get(), name.c_str(), parameters.count(),
                                      parameters.pointers(), parameters.lengths(),
                                      parameters.formats(), kPgBinary) != 0);
}

Status PgConnection::HandOver(bool sent) {
  if (!sent) return DeviceError(FirstLine(PQerrorMessage(connection_.get())));
  sent_ = true;
  // All of it must be on its way, or the server waits for the rest until Settle.
  if (PQflush(connection_.get()) < 0) {
    return DeviceError(FirstLine(PQerrorMessage(connection_.get())));
  }
  return OkStatus();
}

Result<PgRows> PgConnection::Collect() {
  sent_ = false;
  Status failure;
  PgRows rows(nullptr);
  while (PGresult* result = PQgetResult(connection_.get())) {
    rows = PgRows(result);
    const ExecStatusType status = PQresultStatus(result);
    const bool done = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!done && failure.ok()) failure = Failure(result);
  }
  if (!failure.ok()) return failure;
  return rows;
}

Status PgConnection::Settle() { return sent_ ? Collect().status() : OkStatus(); }

Result<PgRows> PgConnection::Query(const std::string& sql, PgParameters parameters) {
  TAPIR_RETURN_IF_ERROR(Send(sql, std::move(parameters)));
  return Collect();
}

Result<PgRows> PgConnection::QueryPlanned(const std::string& sql, PgParameters parameters) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_RETURN_IF_ERROR(
      HandOver(PQsendQueryParams(connection_.get(), sql.c_str(), parameters.count(),
                                 parameters.types(), parameters.pointers(), parameters.lengths(),
                                 parameters.formats(), kPgBinary) != 0));
  return Collect();
}

Result<std::vector<SqlRow>> PgConnection::Run(std::string_view sql,
                                              std::span<const SqlValue> values) {
  TAPIR_ASSIGN_OR_RETURN(const PgRows found, QueryPlanned(std::string(sql), PgParameters(values)));
  std::vector<SqlRow> rows(static_cast<size_t>(found.size()));
  for (int row = 0; row < found.size(); ++row) {
    for (int column = 0; column < found.columns(); ++column) {
      rows[static_cast<size_t>(row)].push_back(found.Value(row, column));
    }
  }
  return rows;
}

Status PgConnection::RunScript(const std::string& sql) {
  TAPIR_RETURN_IF_ERROR(Settle());
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) {
    return DeviceError(FirstLine(PQerrorMessage(connection_.get())));
  }
  return Collect().status();
}

}  // namespace tapir::catalog
