#include <fmt/format.h>

#include "catalog/record_schema.h"
#include "postgres/name_search.h"
#include "postgres/postgres_store.h"

namespace tapir::catalog {
namespace {

constexpr SqlDialect kDialect = {.key_column = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                                 .bytes = "BYTEA"};
constexpr int kPartitions = 8;
// 13 lets the owner of a database add pg_trgm.
constexpr int kOldestServer = 130000;
// Held while the schema is made, so that one does it.
constexpr const char* kSchemaLock = "SELECT pg_advisory_xact_lock(1413566546, 0)";

// No unique index stands on `place` and `listing`, since a partition may be on another server:
// places that two importers add at once may stand there twice, which readers pass over.
std::vector<SchemaStep> Steps() {
  std::vector<std::string> first = RecordTables(kDialect);
  for (const std::string& statement : {
           std::string("CREATE SEQUENCE importer AS integer CYCLE"),
           std::string("CREATE TABLE name (block BIGINT PRIMARY KEY, texts BYTEA NOT NULL, "
                       "forms TEXT, hashes INTEGER[] NOT NULL)"),
           // Every name that is added is looked for: a list of new rows would be gone through.
           std::string("CREATE INDEX name_hashes ON name USING gin (hashes) "
                       "WITH (fastupdate = off)"),
           fmt::format("CREATE INDEX name_form ON name USING gin (({}) gin_trgm_ops)", kNameForm),
           std::string("CREATE TABLE directory (directory BIGINT GENERATED ALWAYS AS IDENTITY "
                       "PRIMARY KEY, parent BIGINT NOT NULL, name BIGINT NOT NULL, "
                       "UNIQUE (parent, name))"),
           std::string("CREATE TABLE place (bucket BIGINT NOT NULL, page BYTEA NOT NULL) "
                       "PARTITION BY HASH (bucket)"),
           std::string("ALTER TABLE place ALTER page SET STORAGE EXTERNAL"),
           std::string("CREATE INDEX place_bucket ON place (bucket)"),
           std::string("CREATE TABLE listing (directory BIGINT NOT NULL, session BIGINT NOT NULL, "
                       "number BIGINT NOT NULL, page BYTEA NOT NULL) "
                       "PARTITION BY HASH (directory)"),
           // It is compressed already.
           std::string("ALTER TABLE listing ALTER page SET STORAGE EXTERNAL"),
           std::string("CREATE INDEX listing_directory ON listing (directory)"),
           std::string("CREATE INDEX listing_session ON listing USING brin (session) "
                       "WITH (pages_per_range = 32)"),
       }) {
    first.push_back(statement);
  }
  for (const char* table : {"place", "listing"}) {
    for (int i = 0; i < kPartitions; ++i) {
      first.push_back(fmt::format(
          "CREATE TABLE {0}_{1} PARTITION OF {0} FOR VALUES WITH (MODULUS {2}, REMAINDER {1})",
          table, i, kPartitions));
    }
  }
  return {{1, std::move(first)}};
}

struct Found {
  bool catalogue = false;
  bool others = false;
  int64_t schema = 0;
};

Result<Found> LookAt(PgConnection& connection) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows tables,
      connection.Query("SELECT count(*) FILTER (WHERE relname = 'tapir_catalog'), count(*) "
                       "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                       "WHERE n.nspname = 'tapir' AND c.relkind IN ('r', 'p')"));
  Found found{tables.Integer(0, 0) > 0, tables.Integer(0, 1) > 0, 0};
  if (!found.catalogue) return found;
  TAPIR_ASSIGN_OR_RETURN(const PgRows version,
                         connection.Query("SELECT schema_version FROM tapir_catalog"));
  found.schema = version.size() == 0 ? 0 : version.Integer(0, 0);
  return found;
}

Status MakeSchema(PgConnection& connection) {
  // Where pg_trgm is in a schema of its own, its operators are named by that.
  TAPIR_RETURN_IF_ERROR(
      connection.RunScript("CREATE SCHEMA IF NOT EXISTS tapir; "
                           "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA tapir"));
  TAPIR_RETURN_IF_ERROR(
      connection
          .Query("SELECT set_config('search_path', 'tapir, ' || quote_ident(n.nspname), true) "
                 "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
                 "WHERE e.extname = 'pg_trgm'")
          .status());
  return Migrate(connection, Steps());
}

Status BringUp(PgConnection& connection) {
  TAPIR_RETURN_IF_ERROR(connection.RunScript(fmt::format("BEGIN; {}", kSchemaLock)));
  Status done = MakeSchema(connection);
  if (done.ok()) done = connection.RunScript("COMMIT");
  // What failed is what matters.
  if (!done.ok()) (void)connection.RunScript("ROLLBACK");
  return done;
}

Status CheckServer(PgConnection& connection) {
  if (connection.server_version() < kOldestServer) {
    return Unsupported("the server is too old: PostgreSQL 13 is the oldest that will do");
  }
  TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                         connection.Query("SELECT current_setting('server_encoding')"));
  if (rows.Bytes(0, 0) == "UTF8") return OkStatus();
  return Unsupported("the database is not in UTF8: make one with ENCODING 'UTF8'");
}

Status Prepare(PgConnection& connection, StoreUse use) {
  TAPIR_RETURN_IF_ERROR(CheckServer(connection));
  TAPIR_RETURN_IF_ERROR(SetUp(connection, use));
  TAPIR_ASSIGN_OR_RETURN(const Found found, LookAt(connection));
  if (!found.catalogue && found.others) {
    return Foreign("the schema \"tapir\" of the database holds something else than a catalogue");
  }
  if (found.schema > kSchemaVersion || (use == StoreUse::kRead && found.catalogue)) {
    return CheckSchemaVersion(found.schema);
  }
  if (use == StoreUse::kRead) return NotFound("there is no catalogue in the database yet");
  // Who may not make tables can still fill them.
  return found.schema == kSchemaVersion ? OkStatus() : BringUp(connection);
}

}  // namespace

Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& url, StoreUse use) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PgConnection> connection, PgConnection::Open(url));
  TAPIR_RETURN_IF_ERROR(Prepare(*connection, use).Annotate(connection->name()));
  return std::unique_ptr<Store>(std::make_unique<PostgresStore>(url, use, std::move(connection)));
}

}  // namespace tapir::catalog
