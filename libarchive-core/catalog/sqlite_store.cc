#include "catalog/sqlite_store.h"

#include <algorithm>

#include "bytes/checksum.h"
#include "catalog/import_process.h"
#include "catalog/search_grams.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

constexpr size_t kNamesCheckedAtOnce = 10'000;

// Rows of one transaction: enough to be fast, and closed after a fraction of a second.
constexpr size_t kRowsOfTransaction = 100'000;

ListingRow TakeListing(SqliteStatement& statement) {
  return {statement.Integer(0), statement.Integer(1), static_cast<uint32_t>(statement.Integer(2)),
          std::string(statement.Bytes(3))};
}

Status TakeListings(SqliteStatement& statement, std::vector<ListingRow>& rows) {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) break;
    rows.push_back(TakeListing(statement));
  }
  statement.Reset();
  return OkStatus();
}

// Whole directories, until there are enough bytes of them.
Result<std::vector<ListingRow>> TakeDirectories(SqliteStatement& statement, size_t max_bytes) {
  std::vector<ListingRow> rows;
  size_t bytes = 0;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) break;
    const bool next_directory = !rows.empty() && statement.Integer(0) != rows.back().directory;
    if (next_directory && bytes >= max_bytes) break;
    rows.push_back(TakeListing(statement));
    bytes += rows.back().page.size();
  }
  statement.Reset();
  return rows;
}

// The one integer that a statement yields, if it yields one.
Result<std::optional<int64_t>> TakeKey(SqliteStatement& statement) {
  TAPIR_ASSIGN_OR_RETURN(const bool there, statement.Step());
  std::optional<int64_t> key;
  if (there) key = statement.Integer(0);
  statement.Reset();
  return key;
}

// Short, for it stands twice in the file.
int64_t HashOf(std::string_view name) {
  return static_cast<int64_t>(Checksum64(AsBytes(name)) & 0x7FFF'FFFF);
}

int64_t HashOf(const DirectoryPlace& place) {
  const int64_t fields[] = {place.parent, place.name};
  return static_cast<int64_t>(Checksum64(std::as_bytes(std::span(fields))) & 0x7FFF'FFFF);
}

constexpr const char* kDamagedName = "a name in the catalogue is damaged";
constexpr const char* kDamagedDirectory = "a directory in the catalogue is damaged";

// A phrase of the search index for each piece; all of them must be there.
std::string MatchOf(const std::vector<std::string>& grams) {
  std::string match;
  for (const std::string& gram : grams) {
    match += match.empty() ? "\"" : " AND \"";
    for (char c : gram) match += c == '"' ? "\"\"" : std::string(1, c);
    match += '"';
  }
  return match;
}

class SqliteNameSearch : public NameSearch {
 public:
  SqliteNameSearch(SqliteStatement statement, std::string match)
      : match_(std::move(match)), statement_(std::move(statement)) {
    if (!match_.empty()) statement_.BindText(1, match_);
  }

  Result<std::vector<FoundName>> Next(size_t count) override {
    std::vector<FoundName> found;
    while (more_ && found.size() < count) {
      TAPIR_ASSIGN_OR_RETURN(more_, statement_.Step());
      if (!more_) break;
      found.push_back({statement_.Integer(0), std::string(statement_.Bytes(1))});
      if (statement_.Integer(2) != HashOf(found.back().text)) return Corrupt(kDamagedName);
    }
    return found;
  }

 private:
  std::string match_;
  SqliteStatement statement_;
  bool more_ = true;
};

}  // namespace

SqliteStore::~SqliteStore() {
  if (in_transaction_ || is_reading()) Rollback();
}

Status SqliteStore::Prepare() {
  Statements& to = statements_;
  const std::pair<SqliteStatement*, std::string_view> all[] = {
      {&to.add_name, "INSERT INTO name (hash, text) VALUES (?, ?)"},
      {&to.find_name, "SELECT name FROM name WHERE hash = ? AND text = ?"},
      {&to.index_name, "INSERT INTO name_search (rowid, form) VALUES (?, ?)"},
      {&to.name_text, "SELECT text, hash FROM name WHERE name = ?"},
      {&to.add_directory,
       "INSERT INTO directory (parent, name, hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
      {&to.find_directory, "SELECT directory, hash FROM directory WHERE parent = ? AND name = ?"},
      {&to.directory, "SELECT parent, name, hash FROM directory WHERE directory = ?"},
      {&to.subdirectories,
       "SELECT directory, name, hash FROM directory WHERE parent = ? ORDER BY name"},
      {&to.add_place, "INSERT INTO place (bucket, page) VALUES (?, ?)"},
      {&to.places_of, "SELECT page FROM place WHERE bucket = ?"},
      {&to.add_listing, "INSERT INTO listing VALUES (?, ?, ?, ?)"},
      {&to.listings_of,
       "SELECT l.directory, l.session, l.number, l.page FROM listing l JOIN session s "
       "ON s.session = l.session WHERE l.directory = ? AND s.finished = 1 "
       "ORDER BY l.directory, l.session, l.number"},
      {&to.listings_of_session,
       "SELECT l.directory, l.session, l.number, l.page FROM listing l JOIN session s "
       "ON s.session = l.session WHERE l.directory = ? AND l.session = ? AND s.finished = 1 "
       "ORDER BY l.number"},
      {&to.next_listings,
       "SELECT l.directory, l.session, l.number, l.page FROM listing l CROSS JOIN session s "
       "ON s.session = l.session WHERE l.directory > ? AND s.finished = 1 "
       "ORDER BY l.directory, l.session, l.number"},
      {&to.next_listings_of_session,
       "SELECT l.directory, l.session, l.number, l.page FROM listing l CROSS JOIN session s "
       "ON s.session = l.session WHERE l.directory > ? AND l.session = ? AND s.finished = 1 "
       "ORDER BY l.directory, l.number"},
  };
  for (const auto& [statement, text] : all) {
    TAPIR_ASSIGN_OR_RETURN(*statement, database_->Prepare(text));
  }
  return OkStatus();
}

// The moment is that of the first look.
Status SqliteStore::BeginSnapshot() {
  TAPIR_RETURN_IF_ERROR(database_->RunScript("BEGIN"));
  return database_->Run("SELECT schema_version FROM tapir_catalog").status();
}

Status SqliteStore::Begin() {
  TAPIR_RETURN_IF_ERROR(Flush());
  TAPIR_RETURN_IF_ERROR(database_->RunScript("BEGIN IMMEDIATE"));
  in_transaction_ = true;
  rows_since_begin_ = 0;
  return OkStatus();
}

Status SqliteStore::Commit() {
  TAPIR_RETURN_IF_ERROR(database_->RunScript("COMMIT"));
  in_transaction_ = false;
  return OkStatus();
}

void SqliteStore::Rollback() {
  // Where the database has rolled back by itself, this fails and changes nothing.
  (void)database_->RunScript("ROLLBACK");
  in_transaction_ = false;
}

Status SqliteStore::Flush() { return in_transaction_ ? Commit() : OkStatus(); }

Status SqliteStore::CountRows(size_t rows) {
  if (in_transaction_ && rows_since_begin_ >= kRowsOfTransaction) TAPIR_RETURN_IF_ERROR(Flush());
  if (!in_transaction_) TAPIR_RETURN_IF_ERROR(Begin());
  rows_since_begin_ += rows;
  return OkStatus();
}

// Nobody else adds names meanwhile: this is inside a transaction that may write.
Result<NameKey> SqliteStore::InternName(std::string_view name) {
  TAPIR_ASSIGN_OR_RETURN(std::optional<NameKey> key, FindName(name));
  if (key) return *key;
  statements_.add_name.Bind(1, HashOf(name));
  statements_.add_name.BindBytes(2, name);
  TAPIR_ASSIGN_OR_RETURN(key, statements_.add_name.Insert());
  if (!key) return Corrupt("a name cannot be added");
  const std::string form = SearchForm(name);
  statements_.index_name.Bind(1, *key);
  statements_.index_name.BindText(2, form);
  TAPIR_RETURN_IF_ERROR(statements_.index_name.Run());
  return *key;
}

Result<std::vector<NameKey>> SqliteStore::InternNames(std::span<const std::string_view> names) {
  TAPIR_RETURN_IF_ERROR(CountRows(names.size()));
  std::vector<NameKey> keys;
  keys.reserve(names.size());
  for (std::string_view name : names) {
    TAPIR_ASSIGN_OR_RETURN(const NameKey key, InternName(name));
    keys.push_back(key);
  }
  return keys;
}

Result<std::vector<std::string>> SqliteStore::Names(std::span<const NameKey> keys) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  SqliteStatement& statement = statements_.name_text;
  for (NameKey key : keys) {
    statement.Bind(1, key);
    TAPIR_ASSIGN_OR_RETURN(const bool there, statement.Step());
    if (there) texts.emplace_back(statement.Bytes(0));
    const bool whole = there && statement.Integer(1) == HashOf(texts.back());
    statement.Reset();
    if (there && !whole) return Corrupt(kDamagedName);
    if (!there) return Corrupt("a name is missing in the catalogue");
  }
  return texts;
}

Result<std::vector<std::optional<NameKey>>> SqliteStore::FindNames(
    std::span<const std::string_view> names) {
  std::vector<std::optional<NameKey>> keys;
  for (std::string_view name : names) {
    TAPIR_ASSIGN_OR_RETURN(keys.emplace_back(), FindName(name));
  }
  return keys;
}

Result<std::optional<NameKey>> SqliteStore::FindName(std::string_view name) {
  statements_.find_name.Bind(1, HashOf(name));
  statements_.find_name.BindBytes(2, name);
  return TakeKey(statements_.find_name);
}

Result<std::unique_ptr<NameSearch>> SqliteStore::SearchNames(std::string_view piece) {
  std::string match = MatchOf(CoveringGrams(piece));
  TAPIR_ASSIGN_OR_RETURN(
      SqliteStatement statement,
      database_->Prepare(match.empty()
                             ? "SELECT name, text, hash FROM name"
                             : "SELECT n.name, n.text, n.hash FROM name_search s JOIN name n "
                               "ON n.name = s.rowid WHERE name_search MATCH ?"));
  return std::unique_ptr<NameSearch>(
      std::make_unique<SqliteNameSearch>(std::move(statement), std::move(match)));
}

Result<std::optional<DirectoryKey>> SqliteStore::FindDirectory(const DirectoryPlace& place) {
  SqliteStatement& statement = statements_.find_directory;
  statement.Bind(1, place.parent);
  statement.Bind(2, place.name);
  TAPIR_ASSIGN_OR_RETURN(const bool there, statement.Step());
  std::optional<DirectoryKey> key;
  if (there) key = statement.Integer(0);
  const bool whole = !there || statement.Integer(1) == HashOf(place);
  statement.Reset();
  if (!whole) return Corrupt(kDamagedDirectory);
  return key;
}

Result<DirectoryKey> SqliteStore::InternDirectory(const DirectoryPlace& place) {
  statements_.add_directory.Bind(1, place.parent);
  statements_.add_directory.Bind(2, place.name);
  statements_.add_directory.Bind(3, HashOf(place));
  TAPIR_ASSIGN_OR_RETURN(std::optional<DirectoryKey> key, statements_.add_directory.Insert());
  if (!key) {
    TAPIR_ASSIGN_OR_RETURN(key, FindDirectory(place));
  }
  if (key) return *key;
  return Corrupt("a directory is neither there nor can it be added");
}

Result<std::vector<DirectoryKey>> SqliteStore::InternDirectories(
    std::span<const DirectoryPlace> places) {
  TAPIR_RETURN_IF_ERROR(CountRows(places.size()));
  std::vector<DirectoryKey> keys;
  for (const DirectoryPlace& place : places) {
    TAPIR_ASSIGN_OR_RETURN(const DirectoryKey key, InternDirectory(place));
    keys.push_back(key);
  }
  return keys;
}

Result<std::vector<DirectoryPlace>> SqliteStore::Directories(std::span<const DirectoryKey> keys) {
  std::vector<DirectoryPlace> places;
  SqliteStatement& statement = statements_.directory;
  for (DirectoryKey key : keys) {
    statement.Bind(1, key);
    TAPIR_ASSIGN_OR_RETURN(const bool there, statement.Step());
    if (there) places.push_back({statement.Integer(0), statement.Integer(1)});
    const bool whole = there && statement.Integer(2) == HashOf(places.back());
    statement.Reset();
    if (there && !whole) return Corrupt(kDamagedDirectory);
    if (!there) return Corrupt("a directory is missing in the catalogue");
  }
  return places;
}

Result<std::vector<std::optional<DirectoryKey>>> SqliteStore::FindDirectories(
    std::span<const DirectoryPlace> places) {
  std::vector<std::optional<DirectoryKey>> keys;
  for (const DirectoryPlace& place : places) {
    TAPIR_ASSIGN_OR_RETURN(keys.emplace_back(), FindDirectory(place));
  }
  return keys;
}

Result<std::vector<Subdirectory>> SqliteStore::Subdirectories(
    std::span<const DirectoryKey> parents) {
  std::vector<DirectoryKey> ordered(parents.begin(), parents.end());
  std::ranges::sort(ordered);
  std::vector<Subdirectory> found;
  for (DirectoryKey parent : ordered) TAPIR_RETURN_IF_ERROR(AddSubdirectories(parent, found));
  return found;
}

Status SqliteStore::AddSubdirectories(DirectoryKey parent, std::vector<Subdirectory>& found) {
  SqliteStatement& statement = statements_.subdirectories;
  statement.Bind(1, parent);
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) break;
    found.push_back({statement.Integer(0), statement.Integer(1)});
    if (statement.Integer(2) == HashOf({parent, found.back().name})) continue;
    statement.Reset();
    return Corrupt(kDamagedDirectory);
  }
  statement.Reset();
  return OkStatus();
}

Status SqliteStore::AddPlacePages(std::span<const PlaceRow> rows) {
  TAPIR_RETURN_IF_ERROR(CountRows(rows.size()));
  for (const PlaceRow& row : rows) {
    statements_.add_place.Bind(1, row.bucket);
    statements_.add_place.BindBytes(2, row.page);
    TAPIR_RETURN_IF_ERROR(statements_.add_place.Run());
  }
  return OkStatus();
}

Result<std::vector<PlaceRow>> SqliteStore::PlacePages(std::span<const int64_t> buckets) {
  std::vector<PlaceRow> rows;
  SqliteStatement& statement = statements_.places_of;
  for (int64_t bucket : buckets) {
    statement.Bind(1, bucket);
    for (;;) {
      TAPIR_ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) break;
      rows.push_back({bucket, std::string(statement.Bytes(0))});
    }
    statement.Reset();
  }
  return rows;
}

Status SqliteStore::AddListings(std::span<const ListingRow> rows) {
  TAPIR_RETURN_IF_ERROR(CountRows(rows.size()));
  for (const ListingRow& row : rows) {
    statements_.add_listing.Bind(1, row.directory);
    statements_.add_listing.Bind(2, row.session);
    statements_.add_listing.Bind(3, row.number);
    statements_.add_listing.BindBytes(4, row.page);
    TAPIR_RETURN_IF_ERROR(statements_.add_listing.Run());
  }
  return OkStatus();
}

Result<std::vector<ListingRow>> SqliteStore::ListingsOf(std::span<const DirectoryKey> directories) {
  std::vector<DirectoryKey> sorted(directories.begin(), directories.end());
  std::ranges::sort(sorted);
  std::vector<ListingRow> rows;
  for (DirectoryKey directory : sorted) {
    statements_.listings_of.Bind(1, directory);
    TAPIR_RETURN_IF_ERROR(TakeListings(statements_.listings_of, rows));
  }
  return rows;
}

Result<std::vector<ListingRow>> SqliteStore::ListingsOf(std::span<const DirectoryKey> directories,
                                                        SessionKey session) {
  std::vector<DirectoryKey> sorted(directories.begin(), directories.end());
  std::ranges::sort(sorted);
  std::vector<ListingRow> rows;
  for (DirectoryKey directory : sorted) {
    statements_.listings_of_session.Bind(1, directory);
    statements_.listings_of_session.Bind(2, session);
    TAPIR_RETURN_IF_ERROR(TakeListings(statements_.listings_of_session, rows));
  }
  return rows;
}

Result<std::vector<ListingRow>> SqliteStore::NextListings(DirectoryKey after, size_t max_bytes) {
  statements_.next_listings.Bind(1, after);
  return TakeDirectories(statements_.next_listings, max_bytes);
}

Result<std::vector<ListingRow>> SqliteStore::NextListings(DirectoryKey after, size_t max_bytes,
                                                          SessionKey session) {
  statements_.next_listings_of_session.Bind(1, after);
  statements_.next_listings_of_session.Bind(2, session);
  return TakeDirectories(statements_.next_listings_of_session, max_bytes);
}

Status SqliteStore::CheckWhole() {
  TAPIR_ASSIGN_OR_RETURN(std::vector<SqlRow> faults, database_->Run("PRAGMA integrity_check(1)"));
  const std::string fault = faults.empty() ? "" : SqlFields(faults.front()).Text();
  if (fault != "ok") return Corrupt(fault);
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<NameSearch> every_name, SearchNames(""));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const std::vector<FoundName> names,
                           every_name->Next(kNamesCheckedAtOnce));
    if (names.empty()) break;
  }
  TAPIR_ASSIGN_OR_RETURN(SqliteStatement statement,
                         database_->Prepare("SELECT parent, name, hash FROM directory"));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return OkStatus();
    const DirectoryPlace place{statement.Integer(0), statement.Integer(1)};
    if (statement.Integer(2) != HashOf(place)) return Corrupt(kDamagedDirectory);
  }
}

Status SqliteStore::DropListings(SessionKey session) {
  const SqlValue key = session;
  return database_->Run("DELETE FROM listing WHERE session = $1", {&key, 1}).status();
}

Result<std::string> SqliteStore::NameImporter() { return NameOfThisProcess(); }
Result<bool> SqliteStore::IsAtWork(const std::string& importer) { return MayBeRunning(importer); }

}  // namespace tapir::catalog
