#include <fmt/format.h>

#include <algorithm>

#include "postgres/postgres_store.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

// So many names are looked at one after the other before the index is asked: a piece that is in
// many of them is found at once, and one that is in few has few rows to sort.
constexpr int kNamesAtOnce = 10'000;

// From so many on, both connections add names: that takes the server longer than all else.
constexpr size_t kNamesToShare = 500;

// Nothing where the server makes the same of it: see kNameForm.
std::optional<std::string> FormToKeep(std::string_view name) {
  const bool plain = std::ranges::all_of(
      name, [](char c) { return static_cast<uint8_t>(c) < 0x80 && c != '\\' && c != 0; });
  return plain ? std::nullopt : std::optional(SearchForm(name));
}

PgParameters NamesToAdd(std::span<const std::string_view> names) {
  std::vector<std::optional<std::string>> forms;
  for (std::string_view name : names) forms.push_back(FormToKeep(name));
  return PgParameters().ByteStrings(names).Texts(forms);
}

// Adds names but for those that are there; `conflict` is the index that tells.
std::string AddingBy(const std::string& conflict) {
  return fmt::format(
      "INSERT INTO name (text, form) SELECT * FROM unnest($1::bytea[], $2::text[]) "
      "ON CONFLICT {} DO NOTHING",
      conflict);
}

// As LIKE takes it: anywhere, and nothing in it means more than itself.
std::string PatternOf(std::string_view piece) {
  std::string pattern = "%";
  for (char c : piece) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

std::vector<FoundName> TakeNames(const PgRows& rows) {
  std::vector<FoundName> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({rows.Integer(row, 0), std::string(rows.Bytes(row, 1))});
  }
  return found;
}

// Keys in the order of rows; nothing for NULL.
std::vector<std::optional<int64_t>> TakeKeys(const PgRows& rows) {
  std::vector<std::optional<int64_t>> keys(static_cast<size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    if (!rows.is_null(row, 0)) keys[static_cast<size_t>(row)] = rows.Integer(row, 0);
  }
  return keys;
}

// Keys for all of `wanted`, in their order: those that `find` does not know are handed to `add`, in
// ascending order, and looked up again, since another importer may have been faster.
template <typename Wanted, typename Find, typename Add>
Result<std::vector<int64_t>> Intern(std::span<const Wanted> wanted, const Find& find,
                                    const Add& add) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<std::optional<int64_t>> keys, find(wanted));
  std::vector<size_t> missing;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i]) missing.push_back(i);
  }
  if (!missing.empty()) {
    std::ranges::sort(missing, {}, [&](size_t i) { return wanted[i]; });
    std::vector<Wanted> added;
    for (size_t i : missing) added.push_back(wanted[i]);
    TAPIR_RETURN_IF_ERROR(add(added));
    TAPIR_ASSIGN_OR_RETURN(const auto found, find(added));
    for (size_t i = 0; i < missing.size(); ++i) keys[missing[i]] = found[i];
  }
  std::vector<int64_t> all;
  for (const std::optional<int64_t>& key : keys) {
    if (!key) return Corrupt("a name or directory is neither there nor can it be added");
    all.push_back(*key);
  }
  return all;
}

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

Result<std::vector<std::optional<NameKey>>> PostgresStore::FindNames(
    std::span<const std::string_view> names) {
  static const std::string kFind = fmt::format(
      "SELECT CASE WHEN octet_length(g.text) <= {0} "
      "THEN (SELECT n.name FROM name n WHERE n.text = g.text AND octet_length(n.text) <= {0}) "
      "ELSE (SELECT n.name FROM name n WHERE sha256(n.text) = sha256(g.text) "
      "AND octet_length(n.text) > {0}) END "
      "FROM unnest($1::bytea[]) WITH ORDINALITY g (text, place) ORDER BY g.place",
      kShortNameBytes);
  TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                         connection_->Query(kFind, PgParameters().ByteStrings(names)));
  return TakeKeys(rows);
}

Status PostgresStore::AddNames(std::span<const std::string_view> names) {
  static const std::string kAdd =
      AddingBy(fmt::format("(text) WHERE octet_length(text) <= {}", kShortNameBytes));
  const size_t own = names.size() < kNamesToShare ? names.size() : names.size() / 2;
  if (own < names.size()) {
    TAPIR_ASSIGN_OR_RETURN(PgConnection* const bulk, Bulk());
    TAPIR_RETURN_IF_ERROR(bulk->Send(kAdd, NamesToAdd(names.subspan(own))));
  }
  TAPIR_RETURN_IF_ERROR(connection_->Query(kAdd, NamesToAdd(names.first(own))).status());
  return Settle();
}

Status PostgresStore::AddLongNames(std::span<const std::string_view> names) {
  static const std::string kAdd =
      AddingBy(fmt::format("(sha256(text)) WHERE octet_length(text) > {}", kShortNameBytes));
  return names.empty() ? OkStatus() : connection_->Query(kAdd, NamesToAdd(names)).status();
}

Result<std::vector<NameKey>> PostgresStore::InternNames(std::span<const std::string_view> names) {
  const auto find = [this](std::span<const std::string_view> wanted) { return FindNames(wanted); };
  const auto add = [this](std::span<const std::string_view> missing) -> Status {
    std::vector<std::string_view> short_names;
    std::vector<std::string_view> long_names;
    for (std::string_view name : missing) {
      (name.size() <= kShortNameBytes ? short_names : long_names).push_back(name);
    }
    TAPIR_RETURN_IF_ERROR(AddNames(short_names));
    return AddLongNames(long_names);
  };
  return Intern(names, find, add);
}

Result<std::vector<std::string>> PostgresStore::Names(std::span<const NameKey> keys) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT (SELECT n.text FROM name n WHERE n.name = g.name) FROM "
                         "unnest($1::bigint[]) WITH ORDINALITY g (name, place) ORDER BY g.place",
                         PgParameters().Numbers(keys)));
  std::vector<std::string> texts;
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.is_null(row, 0)) return Corrupt("a name is missing in the catalogue");
    texts.emplace_back(rows.Bytes(row, 0));
  }
  return texts;
}

Result<std::optional<NameKey>> PostgresStore::FindName(std::string_view name) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::optional<NameKey>> keys, FindNames({&name, 1}));
  return keys.at(0);
}

Result<std::vector<FoundName>> PostgresStore::SearchNames(std::string_view piece, NameKey after,
                                                          size_t limit) {
  if (piece.empty()) {
    TAPIR_ASSIGN_OR_RETURN(
        const PgRows rows,
        connection_->Query("SELECT name, text FROM name WHERE name > $1 ORDER BY name LIMIT $2",
                           PgParameters().Number(after).Number(static_cast<int64_t>(limit))));
    return TakeNames(rows);
  }
  static const std::string kAmongTheNext = fmt::format(
      "SELECT name, text FROM (SELECT name, text, form FROM name WHERE name > $1 ORDER BY name "
      "LIMIT {}) n WHERE {} LIKE $3 ORDER BY name LIMIT $2",
      kNamesAtOnce, kNameForm);
  static const std::string kByIndex = fmt::format(
      "WITH found AS MATERIALIZED (SELECT name, text FROM name WHERE {} LIKE $3 AND name > $1) "
      "SELECT name, text FROM found ORDER BY name LIMIT $2",
      kNameForm);
  std::vector<FoundName> found;
  for (const std::string* query : {&kAmongTheNext, &kByIndex}) {
    if (found.size() == limit && limit > 0) break;
    TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                           connection_->Query(*query, PgParameters()
                                                          .Number(after)
                                                          .Number(static_cast<int64_t>(limit))
                                                          .Text(PatternOf(piece))));
    found = TakeNames(rows);
  }
  return found;
}

Result<std::vector<DirectoryKey>> PostgresStore::InternDirectories(
    std::span<const DirectoryPlace> places) {
  const auto find = [this](std::span<const DirectoryPlace> wanted) {
    return FindDirectories(wanted);
  };
  const auto add = [this](std::span<const DirectoryPlace> missing) {
    return connection_
        ->Query(
            "INSERT INTO directory (parent, name) "
            "SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING",
            Split(missing))
        .status();
  };
  return Intern(places, find, add);
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
  return TakeKeys(rows);
}

Result<std::vector<Subdirectory>> PostgresStore::Subdirectories(DirectoryKey parent) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT directory, name FROM directory WHERE parent = $1",
                         PgParameters().Number(parent)));
  std::vector<Subdirectory> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({rows.Integer(row, 0), rows.Integer(row, 1)});
  }
  return found;
}

}  // namespace tapir::catalog
