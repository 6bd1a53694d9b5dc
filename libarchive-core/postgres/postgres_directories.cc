#include <algorithm>

#include "postgres/postgres_store.h"

namespace tapir::catalog {
namespace {

PgParameters Split(std::span<const DirectoryPlace> places) {
  std::vector<int64_t> parents;
  std::vector<int64_t> names;
  for (const DirectoryPlace& place : places) {
    parents.push_back(place.parent);
    names.push_back(place.name);
  }
  return PgParameters().Numbers(parents).Numbers(names);
}

}  // namespace

Result<std::vector<DirectoryKey>> PostgresStore::InternDirectories(
    std::span<const DirectoryPlace> places) {
  TAPIR_ASSIGN_OR_RETURN(auto keys, FindDirectories(places));
  std::vector<size_t> missing;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i]) missing.push_back(i);
  }
  if (!missing.empty()) {
    // In ascending order, so that importers never wait for each other in a circle.
    std::ranges::sort(missing, {}, [&](size_t i) { return places[i]; });
    std::vector<DirectoryPlace> added;
    for (size_t i : missing) added.push_back(places[i]);
    TAPIR_RETURN_IF_ERROR(
        connection_
            ->Query("INSERT INTO directory (parent, name) "
                    "SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING",
                    Split(added))
            .status());
    // Another importer may have been faster.
    TAPIR_ASSIGN_OR_RETURN(const auto found, FindDirectories(added));
    for (size_t i = 0; i < missing.size(); ++i) keys[missing[i]] = found[i];
  }
  std::vector<DirectoryKey> all;
  for (const std::optional<DirectoryKey>& key : keys) {
    if (!key) return Corrupt("a directory is neither there nor can it be added");
    all.push_back(*key);
  }
  return all;
}

Result<std::vector<DirectoryPlace>> PostgresStore::Directories(std::span<const DirectoryKey> keys) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT d.parent, d.name FROM unnest($1::bigint[]) WITH ORDINALITY "
                         "g (directory, place) LEFT JOIN LATERAL (SELECT parent, name "
                         "FROM directory x WHERE x.directory = g.directory) d ON true "
                         "ORDER BY g.place",
                         PgParameters().Numbers(keys)));
  std::vector<DirectoryPlace> places;
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.is_null(row, 0)) return Corrupt("a directory is missing in the catalogue");
    places.push_back({rows.Integer(row, 0), rows.Integer(row, 1)});
  }
  return places;
}

Result<std::vector<std::optional<DirectoryKey>>> PostgresStore::FindDirectories(
    std::span<const DirectoryPlace> places) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT (SELECT d.directory FROM directory d WHERE d.parent = g.parent "
                         "AND d.name = g.name) FROM unnest($1::bigint[], $2::bigint[]) "
                         "WITH ORDINALITY g (parent, name, place) ORDER BY g.place",
                         Split(places)));
  std::vector<std::optional<DirectoryKey>> keys(static_cast<size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    if (!rows.is_null(row, 0)) keys[static_cast<size_t>(row)] = rows.Integer(row, 0);
  }
  return keys;
}

Result<std::vector<Subdirectory>> PostgresStore::Subdirectories(
    std::span<const DirectoryKey> parents) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT directory, name FROM directory WHERE parent = ANY($1::bigint[]) "
                         "ORDER BY parent, name",
                         PgParameters().Numbers(parents)));
  std::vector<Subdirectory> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({rows.Integer(row, 0), rows.Integer(row, 1)});
  }
  return found;
}

}  // namespace tapir::catalog
