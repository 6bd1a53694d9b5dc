#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

#include "catalog/record_schema.h"
#include "catalog/sqlite_store.h"

namespace tapir::catalog {
namespace {

// A key is never given again: an import that goes on when its session was removed must not add to
// another one.
constexpr SqlDialect kDialect = {.key_column = "INTEGER PRIMARY KEY AUTOINCREMENT",
                                 .bytes = "BLOB"};

// "TAPR", by which file(1) and we ourselves tell a catalogue from other databases.
constexpr int64_t kApplicationId = 0x54415052;

std::vector<SchemaStep> Steps() {
  std::vector<std::string> first = RecordTables(kDialect);
  for (const char* table :
       {"CREATE TABLE name (name INTEGER PRIMARY KEY, hash INTEGER NOT NULL, text BLOB NOT NULL)",
        // A third of what an index of the texts would take. Texts are compared, too.
        "CREATE INDEX name_hash ON name (hash)",
        "CREATE VIRTUAL TABLE name_search USING fts5(form, content='', detail=none, columnsize=0, "
        "tokenize='trigram case_sensitive 1')",
        // Fewer, larger merges: a quarter faster to fill.
        "INSERT INTO name_search (name_search, rank) VALUES ('hashsize', 16777216)",
        "CREATE TABLE directory (directory INTEGER PRIMARY KEY, parent INTEGER NOT NULL, "
        "name INTEGER NOT NULL, hash INTEGER NOT NULL, UNIQUE (parent, name))",
        "CREATE TABLE place (place INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, "
        "page BLOB NOT NULL)",
        "CREATE INDEX place_bucket ON place (bucket)",
        "CREATE TABLE listing (directory INTEGER NOT NULL, session INTEGER NOT NULL, "
        "number INTEGER NOT NULL, page BLOB NOT NULL, UNIQUE (directory, session, number))",
        "CREATE INDEX listing_session ON listing (session, directory, number)"}) {
    first.emplace_back(table);
  }
  return {{1, std::move(first)}};
}

Result<int64_t> ReadNumber(SqliteDatabase& database, std::string_view sql) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<SqlRow> rows, database.Run(sql));
  return rows.empty() ? 0 : SqlFields(rows.front()).Integer();
}

// An empty database is fine where a catalogue may be made of it. Another one may be making it now,
// so both are read at once.
Status CheckKind(SqliteDatabase& database, const std::string& path, StoreUse use) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<SqlRow> rows,
                         database.Run("SELECT application_id, (SELECT count(*) FROM sqlite_schema) "
                                      "FROM pragma_application_id"));
  if (rows.empty()) return Corrupt(path + ": cannot be told from other databases");
  SqlFields fields(rows.front());
  if (fields.Integer() == kApplicationId) return OkStatus();
  const bool is_empty = fields.Integer() == 0;
  if (is_empty && use == StoreUse::kWrite) return OkStatus();
  if (is_empty) return NotFound(path + ": there is no catalogue in it yet");
  return Foreign(path + ": is a database, but not a catalogue");
}

// Where several make the same catalogue at once, this is refused instead of waiting for them.
Status UseWriteAheadLog(SqliteDatabase& database) {
  constexpr int kAttempts = 600;
  constexpr auto kPause = std::chrono::milliseconds(50);
  Status done;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    done = database.RunScript("PRAGMA journal_mode = WAL");
    if (done.code() != StatusCode::kBusy) break;
    std::this_thread::sleep_for(kPause);
  }
  return done;
}

Status BringUp(SqliteDatabase& database) {
  TAPIR_RETURN_IF_ERROR(database.RunScript("PRAGMA page_size = 8192"));
  TAPIR_RETURN_IF_ERROR(UseWriteAheadLog(database));
  TAPIR_RETURN_IF_ERROR(database.RunScript("BEGIN IMMEDIATE"));
  TAPIR_RETURN_IF_ERROR(Migrate(database, Steps()));
  return database.RunScript("PRAGMA application_id = " + std::to_string(kApplicationId) +
                            "; COMMIT");
}

Status CheckSchema(SqliteDatabase& database) {
  TAPIR_ASSIGN_OR_RETURN(const int64_t found,
                         ReadNumber(database, "SELECT schema_version FROM tapir_catalog"));
  return CheckSchemaVersion(found);
}

Status MakeFoldersAbove(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) return OkStatus();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? Status::FromErrno(error.value(), "cannot make " + folder.string()) : OkStatus();
}

constexpr int kReadByUri = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;

struct Opened {
  SqliteFile file;
  bool immutable = false;
  std::unique_ptr<SqliteDatabase> database;
};

Result<Opened> OpenToWrite(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) TAPIR_RETURN_IF_ERROR(MakeFoldersAbove(path));
  Opened opened;
  TAPIR_ASSIGN_OR_RETURN(opened.database,
                         SqliteDatabase::Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  opened.file = SqliteFile(path);
  return opened;
}

Result<Opened> OpenToRead(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return NotFound("no such catalogue");
    return Status::FromErrno(errno, "cannot look at it");
  }
  Opened opened{SqliteFile(path), false, nullptr};
  TAPIR_RETURN_IF_ERROR(opened.file.CheckReadable());
  opened.immutable = opened.file.IsOutOfReach();
  TAPIR_ASSIGN_OR_RETURN(opened.database,
                         opened.immutable
                             ? SqliteDatabase::Open(opened.file.ImmutableUri(), kReadByUri)
                             : SqliteDatabase::Open(path, SQLITE_OPEN_READONLY));
  return opened;
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, StoreUse use) {
  auto opened = use == StoreUse::kWrite ? OpenToWrite(path) : OpenToRead(path);
  if (!opened.ok()) return opened.status().Annotate(path);
  std::unique_ptr<SqliteDatabase> database = std::move(opened->database);
  Status ready = CheckKind(*database, path, use);
  if (!ready.ok()) return std::move(ready).Annotate("the catalogue");
  ready = use == StoreUse::kWrite ? BringUp(*database) : CheckSchema(*database);
  // A power cut may lose the newest transactions, never the file.
  if (ready.ok()) {
    ready = database->RunScript(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -131072; "
        "PRAGMA wal_autocheckpoint = 16384; PRAGMA temp_store = MEMORY");
  }
  if (!ready.ok()) return std::move(ready).Annotate(path);
  auto store = std::make_unique<SqliteStore>(opened->file, opened->immutable, std::move(database));
  TAPIR_RETURN_IF_ERROR(store->Prepare().Annotate(path));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace tapir::catalog
