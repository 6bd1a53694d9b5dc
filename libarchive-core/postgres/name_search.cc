#include "postgres/name_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "catalog/search_grams.h"
#include "postgres/name_blocks.h"
#include "tapir/catalog/search_form.h"

namespace tapir::catalog {
namespace {

// So many blocks are looked at first, one after the other: a piece that is often there is found at
// once. Of one that is rarer the index knows, but says nothing before it knows all of them.
constexpr int64_t kFirstBlocks = 625;
constexpr int64_t kOftenThere = 16;  // in one of so many blocks
constexpr int64_t kMostBlocksAtOnce = 40'000;

// As LIKE takes it: anywhere, and nothing in it means more than itself.
std::string PatternOf(std::string_view piece) {
  std::string pattern = "%";
  for (char c : piece) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

Result<std::unique_ptr<PgNameSearch>> PgNameSearch::Begin(Store& store, PgConnection& connection,
                                                          std::string_view piece,
                                                          bool begins_reading) {
  if (begins_reading) TAPIR_RETURN_IF_ERROR(store.BeginReading());
  std::unique_ptr<PgNameSearch> search(new PgNameSearch(store, connection, piece, begins_reading));
  TAPIR_ASSIGN_OR_RETURN(search->last_block_, LastBlock(connection));
  search->blocks_at_once_ = kFirstBlocks;
  return search;
}

PgNameSearch::~PgNameSearch() {
  // Where the connection or the transaction is lost, so is the cursor.
  if (has_cursor_) (void)connection_.RunScript("CLOSE found_names");
  if (begins_reading_) store_.EndReading();
}

Result<std::vector<FoundName>> PgNameSearch::Next(size_t count) {
  std::vector<FoundName> found = std::exchange(further_, {});
  while (found.size() < count && !has_cursor_ && next_block_ <= last_block_) {
    TAPIR_RETURN_IF_ERROR(LookAtBlocks(count - found.size(), found));
  }
  bool more = has_cursor_;
  while (found.size() < count && more) {
    TAPIR_ASSIGN_OR_RETURN(more, AskIndex(count - found.size(), found));
  }
  if (found.size() > count) {
    const auto rest = found.begin() + static_cast<ptrdiff_t>(count);
    further_.assign(std::move_iterator(rest), std::move_iterator(found.end()));
    found.erase(rest, found.end());
  }
  return found;
}

Status PgNameSearch::LookAtBlocks(size_t count, std::vector<FoundName>& found) {
  static const std::string kSearch = fmt::format(
      "SELECT block, texts FROM name WHERE block BETWEEN $1 AND $2 AND {} || '' LIKE $3 "
      "ORDER BY block LIMIT $4",
      kNameForm);
  const int64_t end = next_block_ + blocks_at_once_ - 1;
  TAPIR_ASSIGN_OR_RETURN(const PgRows rows,
                         connection_.Query(kSearch, PgParameters()
                                                        .Number(next_block_)
                                                        .Number(end)
                                                        .Text(PatternOf(piece_))
                                                        .Number(static_cast<int64_t>(count))));
  TAPIR_RETURN_IF_ERROR(TakeNames(rows, found));
  if (rows.size() == static_cast<int64_t>(count)) {
    next_block_ = rows.Integer(rows.size() - 1, 0) + 1;
    return OkStatus();
  }
  next_block_ = end + 1;
  const bool is_rare = rows.size() * kOftenThere < blocks_at_once_;
  blocks_at_once_ = std::min(blocks_at_once_ * 4, kMostBlocksAtOnce);
  // It has three characters of each.
  const bool has_index = !CoveringGrams(piece_).empty();
  return has_index && is_rare ? OpenCursor() : OkStatus();
}

Status PgNameSearch::OpenCursor() {
  // The numbers of blocks must not tempt the server to go through them in their order.
  static const std::string kDeclare = fmt::format(
      "DECLARE found_names NO SCROLL CURSOR FOR SELECT block, texts FROM name WHERE {} LIKE $1 "
      "AND block + 0 >= $2",
      kNameForm);
  TAPIR_RETURN_IF_ERROR(
      connection_.QueryPlanned(kDeclare, PgParameters().Text(PatternOf(piece_)).Number(next_block_))
          .status());
  has_cursor_ = true;
  return OkStatus();
}

Result<bool> PgNameSearch::AskIndex(size_t count, std::vector<FoundName>& found) {
  TAPIR_ASSIGN_OR_RETURN(
      const PgRows rows,
      connection_.QueryPlanned(fmt::format("FETCH {} FROM found_names", count), PgParameters()));
  TAPIR_RETURN_IF_ERROR(TakeNames(rows, found));
  return rows.size() > 0;
}

Status PgNameSearch::TakeNames(const PgRows& rows, std::vector<FoundName>& found) const {
  for (int row = 0; row < rows.size(); ++row) {
    NameKey key = FirstNameOf(rows.Integer(row, 0));
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                           SplitBlock(rows.Bytes(row, 1)));
    for (std::string_view text : texts) {
      if (SearchForm(text).find(piece_) != std::string::npos) {
        found.push_back({key, std::string(text)});
      }
      ++key;
    }
  }
  return OkStatus();
}

}  // namespace tapir::catalog
