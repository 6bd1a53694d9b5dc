#pragma once

#include <memory>
#include <string>
#include <utility>

#include "catalog/sql_store.h"
#include "catalog/sqlite_database.h"
#include "catalog/sqlite_file.h"
#include "tapir/catalog/sqlite_store.h"

namespace tapir::catalog {

/// The catalogue in one file. Writes are gathered in transactions that are closed after many of
/// them and by Flush, so that a second writer need not wait long.
class SqliteStore : public SqlStore {
 public:
  /// `immutable`: it was opened as a file that does not change.
  SqliteStore(SqliteFile file, bool immutable, std::unique_ptr<SqliteDatabase> database)
      : file_(std::move(file)), immutable_(immutable), database_(std::move(database)) {}
  ~SqliteStore() override;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  /// After the schema is there.
  Status Prepare();

  const std::string& name() const override { return file_.path(); }
  bool SeesChanges() const override { return !immutable_ && !file_.IsReplaced(); }
  Status CheckUnchanged() const override {
    return immutable_ ? file_.CheckUnchanged() : OkStatus();
  }

  Result<std::vector<NameKey>> InternNames(std::span<const std::string_view> names) override;
  Result<std::vector<std::string>> Names(std::span<const NameKey> keys) override;
  Result<std::vector<std::optional<NameKey>>> FindNames(
      std::span<const std::string_view> names) override;
  Result<std::unique_ptr<NameSearch>> SearchNames(std::string_view piece) override;

  Result<std::vector<DirectoryKey>> InternDirectories(
      std::span<const DirectoryPlace> places) override;
  Result<std::vector<DirectoryPlace>> Directories(std::span<const DirectoryKey> keys) override;
  Result<std::vector<std::optional<DirectoryKey>>> FindDirectories(
      std::span<const DirectoryPlace> places) override;
  Result<std::vector<Subdirectory>> Subdirectories(std::span<const DirectoryKey> parents) override;

  Status AddPlacePages(std::span<const PlaceRow> rows) override;
  Result<std::vector<PlaceRow>> PlacePages(std::span<const int64_t> buckets) override;

  Status AddListings(std::span<const ListingRow> rows) override;
  Result<std::vector<ListingRow>> ListingsOf(std::span<const DirectoryKey> directories) override;
  Result<std::vector<ListingRow>> ListingsOf(std::span<const DirectoryKey> directories,
                                             SessionKey session) override;
  Result<std::vector<ListingRow>> NextListings(DirectoryKey after, size_t max_bytes) override;
  Result<std::vector<ListingRow>> NextListings(DirectoryKey after, size_t max_bytes,
                                               SessionKey session) override;

  Status CheckWhole() override;
  Status Flush() override;

 protected:
  SqlConnection& sql() override { return *database_; }
  Status BeginSnapshot() override;
  Status Begin() override;
  Status Commit() override;
  void Rollback() override;
  Status DropListings(SessionKey session) override;
  Result<std::string> NameImporter() override;
  Result<bool> IsAtWork(const std::string& importer) override;

 private:
  struct Statements {
    SqliteStatement add_name, find_name, index_name, name_text;
    SqliteStatement add_directory, find_directory, directory, subdirectories;
    SqliteStatement add_place, places_of;
    SqliteStatement add_listing, listings_of, listings_of_session;
    SqliteStatement next_listings, next_listings_of_session;
  };

  /// A transaction is open from now on; closes and opens one after many rows.
  Status CountRows(size_t rows);
  Result<std::optional<NameKey>> FindName(std::string_view name);
  Status AddSubdirectories(DirectoryKey parent, std::vector<Subdirectory>& found);
  Result<NameKey> InternName(std::string_view name);
  Result<std::optional<DirectoryKey>> FindDirectory(const DirectoryPlace& place);
  Result<DirectoryKey> InternDirectory(const DirectoryPlace& place);

  SqliteFile file_;
  bool immutable_ = false;
  std::unique_ptr<SqliteDatabase> database_;
  Statements statements_;
  bool in_transaction_ = false;
  size_t rows_since_begin_ = 0;
};

}  // namespace tapir::catalog
