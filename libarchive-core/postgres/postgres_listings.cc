#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "postgres/postgres_store.h"

namespace tapir::catalog {
namespace {

// Names in one row of `place`. More would be moved out of the table.
constexpr size_t kNamesInRow = 200;
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

// What is not there yet of `places`, by directory and name.
Result<std::vector<Place>> NewPlaces(PgConnection& connection, std::span<const Place> places) {
  const auto by_directory = [](const Place& place) {
    return std::pair(place.directory, place.name);
  };
  std::vector<Place> sorted(places.begin(), places.end());
  std::ranges::sort(sorted, {}, by_directory);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<int64_t> directories;
  for (const Place& place : sorted) {
    if (directories.empty() || directories.back() != place.directory) {
      directories.push_back(place.directory);
    }
  }
  TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                         connection.Query("SELECT p.directory, n FROM place p, unnest(p.names) n "
                                          "WHERE p.directory = ANY($1::bigint[])",
                                          PgParameters().Numbers(directories)));
  if (rows.size() == 0) return sorted;
  std::vector<Place> known;
  known.reserve(static_cast<size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    known.push_back({rows.Integer(row, 1), rows.Integer(row, 0)});
  }
  std::ranges::sort(known, {}, by_directory);
  std::vector<Place> fresh;
  std::ranges::set_difference(sorted, known, std::back_inserter(fresh), {}, by_directory,
                              by_directory);
  return fresh;
}

}  // namespace

Status PostgresStore::AddPlaces(std::span<const Place> places) {
  if (places.empty()) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(PgConnection* const bulk, Bulk());
  TAPIR_ASSIGN_OR_RETURN(const std::vector<Place> fresh, NewPlaces(*bulk, places));
  if (fresh.empty()) return OkStatus();
  // Rows are slices of one array.
  std::vector<int64_t> names;
  std::vector<int64_t> directories;
  std::vector<int64_t> begins;
  std::vector<int64_t> ends;
  for (const Place& place : fresh) {
    names.push_back(place.name);
    const bool goes_on = !directories.empty() && directories.back() == place.directory &&
                         names.size() - static_cast<size_t>(begins.back()) < kNamesInRow;
    if (goes_on) {
      ++ends.back();
      continue;
    }
    directories.push_back(place.directory);
    begins.push_back(static_cast<int64_t>(names.size()));
    ends.push_back(begins.back());
  }
  return bulk->Send(
      "INSERT INTO place (directory, names) SELECT g.directory, ($4::bigint[])[g.a:g.b] "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) g (directory, a, b)",
      PgParameters().Numbers(directories).Numbers(begins).Numbers(ends).Numbers(names));
}

Result<std::vector<Place>> PostgresStore::PlacesOf(std::span<const NameKey> names) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT n, p.directory FROM place p, unnest(p.names) n "
                         "WHERE p.names && $1::bigint[] AND n = ANY($1::bigint[])",
                         PgParameters().Numbers(names)));
  std::vector<Place> places;
  for (int row = 0; row < rows.size(); ++row) {
    places.push_back({rows.Integer(row, 0), rows.Integer(row, 1)});
  }
  // Two importers may have added the same one at once.
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
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
    return OkStatus();
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
