#include "postgres/postgres_store.h"

#include <fmt/format.h>

namespace tapir::catalog {
namespace {

// "TAPR": so importers' locks are told from those of others in the same database.
constexpr int kImporterLock = 0x54415052;

}  // namespace

Status SetUp(PgConnection& connection, StoreUse use) {
  // Every statement finds its rows by an index. Left to its own estimates the server would at times
  // read whole tables, of which it does not know yet how large they have become.
  TAPIR_RETURN_IF_ERROR(connection.RunScript(
      "SET search_path = tapir; SET synchronous_commit = off; SET lock_timeout = '120s'; "
      "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
      "SET jit = off; SET cursor_tuple_fraction = 1; SET work_mem = '64MB'; SET "
      "gin_pending_list_limit = '4MB'"));
  if (use == StoreUse::kWrite) return OkStatus();
  return connection.RunScript("SET default_transaction_read_only = on");
}

Result<PgConnection*> PostgresStore::Bulk() {
  if (bulk_ == nullptr) {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PgConnection> bulk, PgConnection::Open(url_));
    TAPIR_RETURN_IF_ERROR(SetUp(*bulk, use_));
    bulk_ = std::move(bulk);
  }
  TAPIR_RETURN_IF_ERROR(bulk_->Settle());
  return bulk_.get();
}

Status PostgresStore::BeginSnapshot() {
  TAPIR_RETURN_IF_ERROR(Settle());
  return connection_->RunScript("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

// Walks through listings are transactions, too; while everything is read in one, they are a part of
// it.
Status PostgresStore::Begin() {
  if (is_reading()) return OkStatus();
  TAPIR_RETURN_IF_ERROR(Settle());
  return connection_->RunScript("BEGIN");
}

Status PostgresStore::Commit() {
  return is_reading() ? OkStatus() : connection_->RunScript("COMMIT");
}

void PostgresStore::Rollback() {
  // Where the connection is lost, so is the transaction.
  (void)connection_->RunScript("ROLLBACK");
}

Status PostgresStore::Flush() {
  TAPIR_RETURN_IF_ERROR(Settle());
  // A commit that waits for the disk brings all there that were before it. It has to write
  // something; this is read by nobody.
  return connection_->RunScript(
      "BEGIN; SET LOCAL synchronous_commit = on; "
      "SELECT CASE WHEN NOT current_setting('transaction_read_only')::bool "
      "THEN pg_logical_emit_message(true, 'tapir', '') END; COMMIT");
}

Status PostgresStore::FinishSession(const Session& session) {
  TAPIR_RETURN_IF_ERROR(SqlStore::FinishSession(session));
  // New rows wait in lists, which every search has to go through; only their owner may do this.
  return connection_->RunScript(
      "SELECT gin_clean_pending_list(c.oid) FROM pg_class c "
      "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam "
      "WHERE n.nspname = 'tapir' AND c.relkind = 'i' AND a.amname = 'gin' "
      "AND pg_has_role(c.relowner, 'USAGE')");
}

Status PostgresStore::DropListings(SessionKey session) {
  TAPIR_RETURN_IF_ERROR(Settle());
  return connection_
      ->Query("DELETE FROM listing WHERE session = $1", PgParameters().Number(session))
      .status();
}

Result<std::string> PostgresStore::NameImporter() {
  if (importer_.empty()) {
    TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                           connection_->Query("SELECT nextval('importer')::bigint"));
    const std::string number = std::to_string(rows.Integer(0, 0));
    // It goes when the connection does, however that ends.
    TAPIR_RETURN_IF_ERROR(connection_->RunScript(
        fmt::format("SELECT pg_advisory_lock({}, {})", kImporterLock, number)));
    importer_ = number;
  }
  return importer_;
}

Result<bool> PostgresStore::IsAtWork(const std::string& importer) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                         "WHERE l.locktype = 'advisory' AND d.datname = current_database() "
                         "AND l.classid::bigint = $1 AND l.objid::text = $2 AND l.objsubid = 2",
                         PgParameters().Number(kImporterLock).Text(importer)));
  return rows.Integer(0, 0) > 0;
}

}  // namespace tapir::catalog
