#include "catalog/record_schema.h"

#include <fmt/format.h>

namespace tapir::catalog {

Status Migrate(SqlConnection& connection, const std::vector<SchemaStep>& steps) {
  TAPIR_RETURN_IF_ERROR(
      connection.Run("CREATE TABLE IF NOT EXISTS tapir_catalog (schema_version BIGINT NOT NULL)")
          .status());
  TAPIR_ASSIGN_OR_RETURN(std::vector<SqlRow> rows,
                         connection.Run("SELECT schema_version FROM tapir_catalog"));
  const int64_t found = rows.empty() ? 0 : SqlFields(rows.front()).Integer();
  const int64_t wanted = steps.back().version;
  if (found > wanted) {
    return Unsupported(
        fmt::format("the catalogue has schema {}, this program knows {} and older ones; use a "
                    "newer tapir",
                    found, wanted));
  }
  for (const SchemaStep& step : steps) {
    if (step.version <= found) continue;
    for (const std::string& statement : step.statements) {
      TAPIR_RETURN_IF_ERROR(connection.Run(statement).status());
    }
  }
  if (found == wanted) return OkStatus();
  TAPIR_RETURN_IF_ERROR(connection.Run("DELETE FROM tapir_catalog").status());
  const SqlValue version = wanted;
  return connection.Run("INSERT INTO tapir_catalog VALUES ($1)", {&version, 1}).status();
}

Status CheckSchemaVersion(int64_t found) {
  if (found == kSchemaVersion) return OkStatus();
  return Unsupported(fmt::format(
      "the catalogue has schema {}, this program knows {}; {}", found, kSchemaVersion,
      found < kSchemaVersion ? "any command that writes to it brings it up" : "use a newer tapir"));
}

// What media and keepers say is bytes: nobody makes sure that it is UTF-8.
std::vector<std::string> RecordTables(const SqlDialect& dialect) {
  const auto table = [&](std::string_view text) {
    return fmt::format(fmt::runtime(text), fmt::arg("KEY", dialect.key_column),
                       fmt::arg("BYTES", dialect.bytes));
  };
  return {
      table("CREATE TABLE volume ("
            "volume {KEY}, uuid TEXT NOT NULL UNIQUE, set_uuid TEXT NOT NULL, "
            "label {BYTES} NOT NULL, sequence BIGINT NOT NULL, created BIGINT NOT NULL, writer "
            "{BYTES} NOT NULL, "
            "max_block_bytes BIGINT NOT NULL, used_bytes BIGINT NOT NULL, capacity_bytes BIGINT, "
            "address {BYTES} NOT NULL, location {BYTES} NOT NULL DEFAULT '', "
            "updated BIGINT NOT NULL)"),
      table("CREATE TABLE session ("
            "session {KEY}, volume BIGINT NOT NULL, id TEXT NOT NULL, "
            "number BIGINT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, "
            "started BIGINT NOT NULL, ended BIGINT NOT NULL, object_count BIGINT NOT NULL, "
            "content_bytes BIGINT NOT NULL, first_unit BIGINT NOT NULL, "
            "index_unit BIGINT NOT NULL, end_unit BIGINT NOT NULL, digests TEXT NOT NULL, "
            "options {BYTES} NOT NULL, writer {BYTES} NOT NULL, end_digest TEXT NOT NULL, "
            "begins_on TEXT NOT NULL, from_records BIGINT NOT NULL, listing_sum BIGINT NOT NULL, "
            "finished BIGINT NOT NULL, importer TEXT NOT NULL)"),
      "CREATE INDEX session_volume ON session (volume)",
      "CREATE UNIQUE INDEX session_once ON session (volume, id) WHERE finished = 1",
      table("CREATE TABLE note (note {KEY}, volume BIGINT NOT NULL REFERENCES volume, "
            "time BIGINT NOT NULL, text {BYTES} NOT NULL)"),
      table("CREATE TABLE verification ("
            "verification {KEY}, volume BIGINT NOT NULL REFERENCES volume, time BIGINT NOT NULL, "
            "level TEXT NOT NULL, coverage TEXT NOT NULL, verdict TEXT NOT NULL, "
            "blocks BIGINT NOT NULL, objects BIGINT NOT NULL, proven_bytes BIGINT NOT NULL, "
            "damage_count BIGINT NOT NULL)"),
      table("CREATE TABLE damage ("
            "verification BIGINT NOT NULL REFERENCES verification, kind BIGINT NOT NULL, "
            "object BIGINT NOT NULL, unit BIGINT NOT NULL, length_bytes BIGINT NOT NULL, "
            "session_number BIGINT NOT NULL, text {BYTES} NOT NULL, path {BYTES} NOT NULL)"),
      table("CREATE TABLE key_entry ("
            "session BIGINT NOT NULL, path {BYTES} NOT NULL, list BIGINT NOT NULL, "
            "thumbprint TEXT NOT NULL, sid TEXT NOT NULL, display_name {BYTES} NOT NULL)"),
      "CREATE INDEX key_entry_thumbprint ON key_entry (thumbprint)",
      table("CREATE TABLE policy (session BIGINT NOT NULL, manifest {BYTES} NOT NULL)"),
  };
}

}  // namespace tapir::catalog
