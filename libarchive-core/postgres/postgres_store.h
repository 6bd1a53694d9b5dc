#pragma once

#include <memory>
#include <string>
#include <utility>

#include "catalog/sql_store.h"
#include "postgres/name_blocks.h"
#include "postgres/pg_connection.h"
#include "tapir/postgres/postgres_store.h"

namespace tapir::catalog {

/// A catalogue on a server. Names and directories are committed call by call: names by one importer
/// at a time, directories in order, so that importers that add the same ones wait for each other
/// but never in a circle. Places and listings go over a second connection, so that the server takes
/// them in while the next are made; what becomes of them is told by a later call, at last by Flush.
///
/// Commits do not wait for the disk; Flush does.
class PostgresStore : public SqlStore {
 public:
  PostgresStore(std::string url, StoreUse use, std::unique_ptr<PgConnection> connection)
      : url_(std::move(url)),
        use_(use),
        name_(connection->name()),
        connection_(std::move(connection)) {}

  const std::string& name() const override { return name_; }

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

  Status FinishSession(const Session& session) override;
  /// The server has checksums of its own.
  Status CheckWhole() override { return OkStatus(); }
  Status Flush() override;

 protected:
  SqlConnection& sql() override { return *connection_; }
  Status BeginSnapshot() override;
  Status Begin() override;
  Status Commit() override;
  void Rollback() override;
  Status DropListings(SessionKey session) override;
  Result<std::string> NameImporter() override;
  Result<bool> IsAtWork(const std::string& importer) override;

 private:
  /// The second connection, on which nothing is under way.
  Result<PgConnection*> Bulk();
  Status Settle() { return bulk_ == nullptr ? OkStatus() : bulk_->Settle(); }
  /// Listings that fulfil a condition, whole directories.
  Result<std::vector<ListingRow>> Walk(const std::string& condition, size_t max_bytes);
  /// Those of `names` that are there.
  Status LookUpNames(WantedNames& wanted, std::span<const std::string_view> names);
  /// What is still missing; inside a transaction. `last` was the last block before names were
  /// looked for.
  Status AddNames(WantedNames& wanted, int64_t last);
  Status AddBlocks(int64_t first_block, std::span<const std::string_view> names);

  std::string url_;
  StoreUse use_;
  std::string name_;
  std::unique_ptr<PgConnection> connection_;
  std::unique_ptr<PgConnection> bulk_;  ///< null until it is needed
  std::string importer_;                ///< empty until a session was begun
};

/// How a catalogue's connections are set up; once, before anything else.
Status SetUp(PgConnection& connection, StoreUse use);

}  // namespace tapir::catalog
