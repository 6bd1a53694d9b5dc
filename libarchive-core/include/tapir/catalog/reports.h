#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// A content that stands under several paths.
struct ContentGroup {
  uint64_t size = 0;  ///< bytes
  std::array<std::byte, 16> xxh128{};
  uint64_t count = 0;             ///< of paths
  std::vector<Version> versions;  ///< at most kMaxGroupVersions of them
};
inline constexpr size_t kMaxGroupVersions = 1000;

struct ContentRequest {
  std::set<VolumeKey> volumes;  ///< empty: all
  uint64_t min_size = 1;        ///< bytes
  uint64_t limit = 0;           ///< of what is handed out; 0: none
  const std::atomic<bool>* cancelled = nullptr;
};

/// Contents that stand under several paths of a set, or in several sets; of each path the newest
/// version counts. Ordered by the bytes of all but one, most first. Contents are told apart by size
/// and XXH3-128. Memory: 32 bytes for each file, and the groups handed out.
Status FindDuplicates(Store& store, const Inventory& inventory, const ContentRequest& request,
                      const std::function<Status(const ContentGroup&)>& take);

/// Files whose newest contents are on fewer than `copies` volumes, whatever they are called there,
/// in no order, with that number. A file in pieces is on none of its volumes alone, and counts once
/// for each time that it was archived. Memory: 40 bytes for each file.
Status FindFewCopies(Store& store, const Inventory& inventory, const ContentRequest& request,
                     uint32_t copies,
                     const std::function<Status(const Version&, uint32_t copies)>& take);

/// A volume that a restore needs.
struct NeededVolume {
  const Volume* volume = nullptr;
  std::vector<uint32_t> sessions;  ///< numbers, ascending
  uint64_t objects = 0;
  uint64_t content_bytes = 0;
};

struct Needs {
  std::vector<NeededVolume> volumes;  ///< in the order in which they are mounted, each once
  uint64_t objects = 0;
  uint64_t content_bytes = 0;
  std::vector<std::string> unmatched_patterns;
  /// Contents that are on no volume of the catalogue: common-store files, parts of files.
  std::vector<std::string> missing;
};

/// The volumes that a restore of `patterns` (as Selection::patterns; none: everything) from these
/// sessions reads: where the objects are, the parts of files, the primaries of hard links, and the
/// common-store files that SIS links need.
Result<Needs> FindNeeds(Store& store, const Inventory& inventory,
                        std::vector<const Session*> sessions,
                        const std::vector<std::string>& patterns);

/// A path that two sessions have differently.
struct SessionDifference {
  enum class Kind : uint8_t { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  const Entry* before = nullptr;  ///< null: kAdded
  const Entry* after = nullptr;   ///< null: kRemoved
};

/// What the second of two sessions has that the first one has not, or otherwise, in path order.
/// Sessions are given with all their parts.
Status CompareSessions(Store& store, const std::vector<const Session*>& before,
                       const std::vector<const Session*>& after,
                       const std::function<Status(const SessionDifference&)>& take);

/// The catalogue compared with a volume.
struct CheckReport {
  std::vector<std::string> mismatches;  ///< sentences that name session and fault
  uint64_t sessions = 0;                ///< that agree
};
Result<CheckReport> CheckVolume(Store& store, const std::string& volume);

/// Where on a volume is what, for a picture of it: ranges in units of 4,096 bytes, ascending.
struct MapRange {
  enum class Kind : uint8_t { kLabel, kData, kShared, kIndex, kEnd, kUnused, kDamage };
  Kind kind = Kind::kData;
  uint32_t session_number = 0;
  uint64_t first_unit = 0;
  uint64_t units = 0;
};
/// Shared is data to which other objects refer, as far as it can be told by the blocks in which
/// objects begin. Ranges of damage come last, and lie over others.
Result<std::vector<MapRange>> MapVolume(Store& store, const Inventory& inventory,
                                        const Volume& volume);

}  // namespace tapir::catalog
