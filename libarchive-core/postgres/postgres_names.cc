#include <fmt/format.h>

#include <algorithm>

#include "catalog/search_grams.h"
#include "postgres/name_blocks.h"
#include "postgres/postgres_store.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

// So many blocks are looked at one after the other before the index is asked: a piece that is in
// many of them is found at once. Where the index leads to more than so many, which cannot be sorted
// without reading them all, the next ones are looked at, more and more at a time.
constexpr int64_t kFirstBlocks = 625;
constexpr int64_t kFewBlocks = 2000;
constexpr int64_t kMostBlocksAtOnce = 40'000;

// From so many on, both connections add names: that takes the server longer than all else.
constexpr size_t kNamesToShare = 1024;

// Held while names are added, so that one importer does it.
constexpr const char* kLockNames = "SELECT pg_advisory_xact_lock(1413566546, -1)";

// As LIKE takes it: anywhere, and nothing in it means more than itself.
std::string PatternOf(std::string_view piece) {
  std::string pattern = "%";
  for (char c : piece) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

// Of rows of blocks the names behind `after` that have the piece, until there are `limit`.
Status TakeNames(const PgRows& rows, std::string_view piece, NameKey after, size_t limit,
                 std::vector<FoundName>& found) {
  for (int row = 0; row < rows.size(); ++row) {
    NameKey key = FirstNameOf(rows.Integer(row, 0));
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                           SplitBlock(rows.Bytes(row, 1)));
    for (std::string_view text : texts) {
      if (found.size() == limit) return OkStatus();
      const bool has_piece = SearchForm(text).find(piece) != std::string::npos;
      if (key > after && has_piece) found.push_back({key, std::string(text)});
      ++key;
    }
  }
  return OkStatus();
}

}  // namespace

// Many at once: the server looks for each in the index, and once at each row.
Status PostgresStore::FindNames(WantedNames& wanted, std::span<const std::string_view> names) {
  std::vector<int32_t> hashes;
  for (std::string_view name : names) hashes.push_back(HashOfName(name));
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT n.block, n.texts FROM "
                         "generate_series(1, cardinality($1::int[]), 64) g (first), "
                         "LATERAL (SELECT block, texts FROM name "
                         "WHERE hashes && ($1::int[])[g.first:g.first + 63]) n",
                         PgParameters().Integers(hashes)));
  return wanted.TakeFrom(rows);
}

Result<int64_t> PostgresStore::LastBlock() {
  TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                         connection_->Query("SELECT coalesce(max(block), 0) FROM name"));
  return rows.Integer(0, 0);
}

Status PostgresStore::AddBlocks(int64_t first_block, std::span<const std::string_view> names) {
  static const std::string kAdd = fmt::format(
      "INSERT INTO name (block, texts, forms, hashes) SELECT g.block, g.texts, g.forms, "
      "($4::int[])[(g.place - 1) * {0} + 1:g.place * {0}] FROM unnest($1::bigint[], $2::bytea[], "
      "$3::text[]) WITH ORDINALITY g (block, texts, forms, place)",
      kNamesOfBlock);
  // Blocks are seen in their order, so the other connection, which is done first, has the first.
  const size_t half = names.size() / 2 / kNamesOfBlock * kNamesOfBlock;
  const size_t shared = names.size() < kNamesToShare ? 0 : half;
  if (shared > 0) {
    TAPIR_ASSIGN_OR_RETURN(PgConnection* const bulk, Bulk());
    TAPIR_RETURN_IF_ERROR(bulk->Send(kAdd, ParametersOfBlocks(first_block, names.first(shared))));
  }
  const int64_t own_block = first_block + static_cast<int64_t>(shared) / kNamesOfBlock;
  TAPIR_RETURN_IF_ERROR(
      connection_->Query(kAdd, ParametersOfBlocks(own_block, names.subspan(shared))).status());
  return Settle();
}

// Only who holds the lock adds names, behind all others: what came since `last` was the last block
// is what others added.
Status PostgresStore::AddNames(WantedNames& wanted, int64_t last) {
  TAPIR_RETURN_IF_ERROR(connection_->RunScript(kLockNames));
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT block, texts FROM name WHERE block > $1 ORDER BY block",
                         PgParameters().Number(last)));
  TAPIR_RETURN_IF_ERROR(wanted.TakeFrom(rows));
  const std::vector<std::string_view> missing = wanted.Missing();
  if (missing.empty()) return OkStatus();
  const int64_t first = (rows.size() == 0 ? last : rows.Integer(rows.size() - 1, 0)) + 1;
  for (size_t i = 0; i < missing.size(); ++i) {
    wanted.Set(missing[i], FirstNameOf(first) + static_cast<NameKey>(i));
  }
  return AddBlocks(first, missing);
}

Result<std::vector<NameKey>> PostgresStore::InternNames(std::span<const std::string_view> names) {
  std::vector<NameKey> keys;
  if (names.empty()) return keys;
  WantedNames wanted(names);
  TAPIR_ASSIGN_OR_RETURN(const int64_t last, LastBlock());
  TAPIR_RETURN_IF_ERROR(FindNames(wanted, names));
  if (!wanted.Missing().empty()) {
    TAPIR_RETURN_IF_ERROR(InTransaction([&] { return AddNames(wanted, last); }));
  }
  for (const std::optional<NameKey>& key : wanted.keys()) keys.push_back(key.value());
  return keys;
}

Result<std::vector<std::string>> PostgresStore::Names(std::span<const NameKey> keys) {
  std::vector<int64_t> blocks;
  for (NameKey key : keys) blocks.push_back(BlockOf(key));
  std::ranges::sort(blocks);
  blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_->Query("SELECT block, texts FROM name WHERE block = ANY($1::bigint[])",
                         PgParameters().Numbers(blocks)));
  std::unordered_map<NameKey, std::string_view> known;
  for (int row = 0; row < rows.size(); ++row) {
    NameKey key = FirstNameOf(rows.Integer(row, 0));
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                           SplitBlock(rows.Bytes(row, 1)));
    for (std::string_view text : texts) known.emplace(key++, text);
  }
  std::vector<std::string> texts;
  for (NameKey key : keys) {
    const auto text = known.find(key);
    if (text == known.end()) return Corrupt("a name is missing in the catalogue");
    texts.emplace_back(text->second);
  }
  return texts;
}

Result<std::optional<NameKey>> PostgresStore::FindName(std::string_view name) {
  const std::span<const std::string_view> one(&name, 1);
  WantedNames wanted(one);
  TAPIR_RETURN_IF_ERROR(FindNames(wanted, one));
  return wanted.keys().front();
}

// Each row that these two yield has a name that is wanted, but for the first: there it may be one
// up to the key behind which names are wanted. So one row more than names are enough.

Result<PgRows> PostgresStore::SearchBlocks(std::string_view piece, int64_t first, int64_t last,
                                           size_t names) {
  static const std::string kSearch = fmt::format(
      "SELECT block, texts FROM name WHERE block BETWEEN $1 AND $2 AND {} || '' LIKE $3 "
      "ORDER BY block LIMIT $4",
      kNameForm);
  return connection_->Query(kSearch, PgParameters()
                                         .Number(first)
                                         .Number(last)
                                         .Text(PatternOf(piece))
                                         .Number(static_cast<int64_t>(names) + 1));
}

Result<PgRows> PostgresStore::SearchIndex(std::string_view piece, int64_t first, size_t names) {
  // The numbers of blocks must not tempt the server to go through them in their order.
  static const std::string kSearch = fmt::format(
      "WITH found AS MATERIALIZED (SELECT block, texts FROM name WHERE {} LIKE $2 "
      "AND block + 0 >= $1 LIMIT {}) "
      "SELECT block, texts, count(*) OVER () FROM found ORDER BY block LIMIT $3",
      kNameForm, kFewBlocks + 1);
  return connection_->Query(
      kSearch,
      PgParameters().Number(first).Text(PatternOf(piece)).Number(static_cast<int64_t>(names) + 1));
}

Result<std::vector<FoundName>> PostgresStore::SearchNames(std::string_view piece, NameKey after,
                                                          size_t limit) {
  TAPIR_ASSIGN_OR_RETURN(const int64_t last, LastBlock());
  std::vector<FoundName> found;
  // It has three characters of each.
  bool ask_index = !CoveringGrams(piece).empty();
  int64_t count = kFirstBlocks;
  int64_t block = BlockOf(after);
  while (block <= last && found.size() < limit) {
    TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                           SearchBlocks(piece, block, block + count - 1, limit - found.size()));
    TAPIR_RETURN_IF_ERROR(TakeNames(rows, piece, after, limit, found));
    if (found.size() < limit && ask_index) {
      TAPIR_ASSIGN_OR_RETURN(const PgRows few, SearchIndex(piece, block, limit));
      ask_index = false;
      if (few.size() == 0 || few.Integer(0, 2) <= kFewBlocks) {
        found.clear();
        TAPIR_RETURN_IF_ERROR(TakeNames(few, piece, after, limit, found));
        return found;
      }
    }
    block += count;
    count = std::min(count * 4, kMostBlocksAtOnce);
  }
  return found;
}

}  // namespace tapir::catalog
