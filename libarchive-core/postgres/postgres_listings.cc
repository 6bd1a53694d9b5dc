#include <fmt/format.h>

#include "postgres/postgres_store.h"

namespace tapir::catalog {
namespace {

// Rows that are fetched at once where it is not known how many are wanted.
constexpr const char* kFetchRows = "FETCH 256 FROM walk";

constexpr const char* kFinished =
    "EXISTS (SELECT 1 FROM session s WHERE s.session = l.session AND s.finished = 1)";

void TakeListings(const PgRows& rows, std::vector<ListingRow>& to) {
  for (int row = 0; row < rows.size(); ++row) {
    to.push_back({rows.Integer(row, 0), rows.Integer(row, 1),
                  static_cast<uint32_t>(rows.Integer(row, 2)), std::string(rows.Bytes(row, 3))});
  }
}

}  // namespace

Status PostgresStore::AddPlacePages(std::span<const PlaceRow> rows) {
  if (rows.empty()) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(PgConnection* const bulk, Bulk());
  std::vector<int64_t> buckets;
  std::vector<std::string_view> pages;
  for (const PlaceRow& row : rows) {
    buckets.push_back(row.bucket);
    pages.push_back(row.page);
  }
  return bulk->Send(
      "INSERT INTO place (bucket, page) SELECT * FROM unnest($1::bigint[], $2::bytea[])",
      PgParameters().Numbers(buckets).ByteStrings(pages));
}

Result<std::vector<PlaceRow>> PostgresStore::PlacePages(std::span<const int64_t> buckets) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows found,
      connection_->Query("SELECT bucket, page FROM place WHERE bucket = ANY($1::bigint[])",
                         PgParameters().Numbers(buckets)));
  std::vector<PlaceRow> rows;
  for (int row = 0; row < found.size(); ++row) {
    rows.push_back({found.Integer(row, 0), std::string(found.Bytes(row, 1))});
  }
  return rows;
}

Status PostgresStore::AddListings(std::span<const ListingRow> rows) {
  if (rows.empty()) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(PgConnection* const bulk, Bulk());
  std::vector<int64_t> directories;
  std::vector<int64_t> sessions;
  std::vector<int64_t> numbers;
  std::vector<std::string_view> pages;
  for (const ListingRow& row : rows) {
    directories.push_back(row.directory);
    sessions.push_back(row.session);
    numbers.push_back(row.number);
    pages.push_back(row.page);
  }
  return bulk->Send(
      "INSERT INTO listing (directory, session, number, page) "
      "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])",
      PgParameters().Numbers(directories).Numbers(sessions).Numbers(numbers).ByteStrings(pages));
}

Result<std::vector<ListingRow>> PostgresStore::ListingsOf(
    std::span<const DirectoryKey> directories) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows found,
      connection_->Query(
          fmt::format("SELECT l.directory, l.session, l.number, l.page FROM listing l WHERE "
                      "l.directory = ANY($1::bigint[]) AND {} "
                      "ORDER BY l.directory, l.session, l.number",
                      kFinished),
          PgParameters().Numbers(directories)));
  std::vector<ListingRow> rows;
  TakeListings(found, rows);
  return rows;
}

Result<std::vector<ListingRow>> PostgresStore::ListingsOf(std::span<const DirectoryKey> directories,
                                                          SessionKey session) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows found,
      connection_->Query(
          fmt::format("SELECT l.directory, l.session, l.number, l.page FROM listing l WHERE "
                      "l.directory = ANY($1::bigint[]) AND l.session = $2 AND {} "
                      "ORDER BY l.directory, l.number",
                      kFinished),
          PgParameters().Numbers(directories).Number(session)));
  std::vector<ListingRow> rows;
  TakeListings(found, rows);
  return rows;
}

Result<std::vector<ListingRow>> PostgresStore::Walk(const std::string& condition,
                                                    size_t max_bytes) {
  std::vector<ListingRow> rows;
  const Status done = InTransaction([&]() -> Status {
    TAPIR_RETURN_IF_ERROR(connection_->RunScript(
        fmt::format("DECLARE walk NO SCROLL CURSOR FOR SELECT l.directory, l.session, l.number, "
                    "l.page FROM listing l WHERE {} AND {} "
                    "ORDER BY l.directory, l.session, l.number",
                    condition, kFinished)));
    size_t bytes = 0;
    for (size_t counted = 0;; ++counted) {
      if (counted == rows.size()) {
        TAPIR_ASSIGN_OR_RETURN(const PgRows some, connection_->Query(kFetchRows));
        if (some.size() == 0) break;
        TakeListings(some, rows);
      }
      const bool begins = counted > 0 && rows[counted].directory != rows[counted - 1].directory;
      if (begins && bytes >= max_bytes) {
        rows.resize(counted);
        break;
      }
      bytes += rows[counted].page.size();
    }
    return connection_->RunScript("CLOSE walk");
  });
  if (!done.ok()) return done;
  return rows;
}

Result<std::vector<ListingRow>> PostgresStore::NextListings(DirectoryKey after, size_t max_bytes) {
  return Walk(fmt::format("l.directory > {}", after), max_bytes);
}

Result<std::vector<ListingRow>> PostgresStore::NextListings(DirectoryKey after, size_t max_bytes,
                                                            SessionKey session) {
  return Walk(fmt::format("l.directory > {} AND l.session = {}", after, session), max_bytes);
}

}  // namespace tapir::catalog
