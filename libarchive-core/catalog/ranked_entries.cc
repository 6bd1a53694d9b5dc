#include "catalog/ranked_entries.h"

#include <algorithm>
#include <utility>

#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

// For so many entries memory is taken at once; pages that were forged must not ask for all there
// is.
constexpr size_t kMostExpected = 200'000;

}  // namespace

SessionRanks::SessionRanks(std::vector<const Session*> sessions) : sessions_(std::move(sessions)) {
  for (size_t rank = 0; rank < sessions_.size(); ++rank) {
    ranks_.emplace(sessions_[rank]->key, rank);
  }
}

std::optional<size_t> SessionRanks::RankOf(SessionKey session) const {
  const auto found = ranks_.find(session);
  return found == ranks_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<RankedEntry>> RankedReader::Read(
    std::span<const ListingRow> rows, const SessionRanks& ranks, std::string_view path,
    const std::function<bool(std::string_view name)>& wants) {
  std::vector<RankedEntry> found;
  bool several = false;
  for (const ListingRow& row : rows) {
    const std::optional<size_t> rank = ranks.RankOf(row.session);
    if (!rank) continue;
    Result<std::vector<Entry>> entries = pages_.Decode(row.page, row.session);
    if (!entries.ok()) {
      return std::move(entries).status().Annotate("the catalogue's listing of '" +
                                                  std::string(path) + "'");
    }
    // Most pages of a large directory are equally long.
    if (!wants && found.empty()) {
      found.reserve(std::min(rows.size() * entries->size(), kMostExpected));
    }
    for (Entry& entry : *entries) {
      if (wants && !wants(entry.path)) continue;
      several = several || (!found.empty() && found.back().rank != *rank);
      found.push_back({*rank, std::move(entry)});
    }
  }
  // Pages of one session are in order.
  if (several) {
    std::ranges::stable_sort(found, [](const RankedEntry& left, const RankedEntry& right) {
      const int order = ComparePaths(left.entry.path, right.entry.path);
      return order != 0 ? order < 0 : left.rank < right.rank;
    });
  }
  return found;
}

}  // namespace tapir::catalog
