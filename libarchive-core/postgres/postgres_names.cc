#include <fmt/format.h>

#include <algorithm>

#include "postgres/name_blocks.h"
#include "postgres/name_search.h"
#include "postgres/postgres_store.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

// From so many on, both connections add names: that takes the server longer than all else.
constexpr size_t kNamesToShare = 1024;

// Held while names are added, so that one importer does it.
constexpr const char* kLockNames = "SELECT pg_advisory_xact_lock(1413566546, -1)";

}  // namespace

// Many at once: the server looks for each in the index, and once at each row.
Status PostgresStore::LookUpNames(WantedNames& wanted, std::span<const std::string_view> names) {
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
  TAPIR_ASSIGN_OR_RETURN(const int64_t last, LastBlock(*connection_));
  TAPIR_RETURN_IF_ERROR(LookUpNames(wanted, names));
  if (!wanted.Missing().empty()) {
    TAPIR_RETURN_IF_ERROR(InTransaction([&] { return AddNames(wanted, last); }));
  }
  for (std::string_view name : names) keys.push_back(wanted.KeyOf(name).value());
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

Result<std::vector<std::optional<NameKey>>> PostgresStore::FindNames(
    std::span<const std::string_view> names) {
  WantedNames wanted(names);
  TAPIR_RETURN_IF_ERROR(LookUpNames(wanted, names));
  std::vector<std::optional<NameKey>> keys;
  for (std::string_view name : names) keys.push_back(wanted.KeyOf(name));
  return keys;
}

Result<std::unique_ptr<NameSearch>> PostgresStore::SearchNames(std::string_view piece) {
  TAPIR_RETURN_IF_ERROR(Settle());
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PgNameSearch> search,
                         PgNameSearch::Begin(*this, *connection_, piece, !is_reading()));
  return std::unique_ptr<NameSearch>(std::move(search));
}

}  // namespace tapir::catalog
