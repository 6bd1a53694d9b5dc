#include <algorithm>
#include <set>
#include <utility>

#include "catalog/listing_page.h"
#include "object/index_columns.h"
#include "tapir/base/limits.h"
#include "tapir/catalog/reports.h"

namespace tapir::catalog {
namespace {

constexpr size_t kMappedBytes = 4u << 20;

using Kind = MapRange::Kind;

// Calls `take` with every entry that the catalogue has of a session.
template <typename Take>
Status ForEachEntry(Store& store, SessionKey session, const Take& take) {
  ListingPages pages;
  for (DirectoryKey after = -1;;) {
    TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows,
                           store.NextListings(after, kMappedBytes, session));
    if (rows.empty()) return OkStatus();
    after = rows.back().directory;
    for (const ListingRow& row : rows) {
      TAPIR_ASSIGN_OR_RETURN(const std::vector<Entry> entries, pages.Decode(row.page, session));
      for (const Entry& entry : entries) take(entry);
    }
  }
}

class MapMaker {
 public:
  MapMaker(Store& store, const Volume& volume) : store_(store), volume_(volume) {}

  Result<std::vector<MapRange>> Run(const std::vector<const Session*>& sessions,
                                    const std::vector<Damage>& damages) {
    const uint64_t end_of_volume = volume_.used_bytes / limits::kUnitBytes;
    const uint64_t first = sessions.empty() ? end_of_volume : sessions.front()->first_unit;
    Add(Kind::kLabel, 0, 0, first);
    for (size_t i = 0; i < sessions.size(); ++i) {
      const uint64_t end = i + 1 < sessions.size() ? sessions[i + 1]->first_unit : end_of_volume;
      TAPIR_RETURN_IF_ERROR(AddSession(*sessions[i], end));
    }
    if (volume_.capacity_bytes && *volume_.capacity_bytes > volume_.used_bytes) {
      Add(Kind::kUnused, 0, end_of_volume, *volume_.capacity_bytes / limits::kUnitBytes);
    }
    for (const Damage& damage : damages) {
      const uint64_t units = (damage.length_bytes + limits::kUnitBytes - 1) / limits::kUnitBytes;
      Add(Kind::kDamage, damage.session_number, damage.unit,
          damage.unit + std::max<uint64_t>(units, 1));
    }
    return std::move(ranges_);
  }

 private:
  void Add(Kind kind, uint32_t session, uint64_t begin, uint64_t end) {
    if (end > begin) ranges_.push_back({kind, session, begin, end - begin});
  }

  // Where the index begins, and where END does, is not always known.
  Status AddSession(const Session& session, uint64_t end) {
    const uint64_t end_unit = session.end_unit > session.first_unit ? session.end_unit : end;
    const uint64_t index = session.index_unit > session.first_unit ? session.index_unit : end_unit;
    TAPIR_ASSIGN_OR_RETURN(const std::set<uint64_t> shared, SharedUnits(session));
    uint64_t at = session.first_unit;
    for (uint64_t unit : shared) {
      const uint64_t begin = std::max(unit, at);
      const uint64_t block_end =
          std::min(unit + volume_.max_block_bytes / limits::kUnitBytes, index);
      if (begin >= block_end) continue;
      Add(Kind::kData, session.number, at, begin);
      Add(Kind::kShared, session.number, begin, block_end);
      at = block_end;
    }
    Add(Kind::kData, session.number, at, index);
    Add(Kind::kIndex, session.number, index, end_unit);
    Add(Kind::kEnd, session.number, end_unit, end);
    return OkStatus();
  }

  // Of blocks in which contents begin that other objects refer to.
  Result<std::set<uint64_t>> SharedUnits(const Session& session) {
    std::vector<uint64_t> targets;
    TAPIR_RETURN_IF_ERROR(ForEachEntry(store_, session.key, [&](const Entry& entry) {
      if (HasLink(entry)) targets.push_back(entry.link_ordinal);
    }));
    std::ranges::sort(targets);
    std::set<uint64_t> units;
    if (targets.empty()) return units;
    TAPIR_RETURN_IF_ERROR(ForEachEntry(store_, session.key, [&](const Entry& entry) {
      if (std::ranges::binary_search(targets, entry.ordinal)) units.insert(entry.block_unit);
    }));
    return units;
  }

  Store& store_;
  const Volume& volume_;
  std::vector<MapRange> ranges_;
};

}  // namespace

Result<std::vector<MapRange>> MapVolume(Store& store, const Inventory& inventory,
                                        const Volume& volume) {
  std::vector<const Session*> sessions = inventory.SessionsOf(volume.key);
  std::ranges::sort(sessions, {}, [](const Session* session) { return session->first_unit; });
  TAPIR_ASSIGN_OR_RETURN(std::vector<Verification> verifications, store.Verifications());
  std::vector<Damage> damages;
  for (Verification& one : verifications) {
    if (one.volume == volume.key) damages = std::move(one.damages);
  }
  return MapMaker(store, volume).Run(sessions, damages);
}

}  // namespace tapir::catalog
