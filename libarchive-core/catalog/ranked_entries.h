#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/listing_page.h"
#include "tapir/base/status.h"
#include "tapir/catalog/records.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Sessions in an order that the caller needs. Immutable.
class SessionRanks {
 public:
  explicit SessionRanks(std::vector<const Session*> sessions);

  std::optional<size_t> RankOf(SessionKey session) const;
  const Session& at(size_t rank) const { return *sessions_[rank]; }
  size_t size() const { return sessions_.size(); }

 private:
  std::vector<const Session*> sessions_;
  std::map<SessionKey, size_t> ranks_;
};

struct RankedEntry {
  size_t rank = 0;
  Entry entry;  ///< its path is the name alone
};

/// Reads listings of one directory. Single-thread.
class RankedReader {
 public:
  /// What the sessions of `ranks` have, ordered by name and then by rank; names for which `wants`
  /// is false are passed over. `path` is that of the directory, for messages.
  Result<std::vector<RankedEntry>> Read(
      std::span<const ListingRow> rows, const SessionRanks& ranks, std::string_view path,
      const std::function<bool(std::string_view name)>& wants = {});

 private:
  ListingPages pages_;
};

/// Calls `take` with the entries of each name in turn.
template <typename Take>
Status ForEachName(std::span<RankedEntry> entries, const Take& take) {
  for (size_t first = 0; first < entries.size();) {
    size_t last = first + 1;
    while (last < entries.size() && entries[last].entry.path == entries[first].entry.path) ++last;
    TAPIR_RETURN_IF_ERROR(take(entries.subspan(first, last - first)));
    first = last;
  }
  return OkStatus();
}

}  // namespace tapir::catalog
