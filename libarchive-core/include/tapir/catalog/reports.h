#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// A content that occurs several times, or too rarely.
struct ContentGroup {
  uint64_t size = 0;  ///< bytes
  std::array<std::byte, 16> xxh128{};
  std::vector<Version> versions;
};

struct ContentRequest {
  std::vector<const Session*> sessions;  ///< empty: all
  uint64_t min_size = 1;                 ///< bytes
};

/// Contents that stand under several paths of one state (each path counts once, by its newest
/// version), ordered by what the further ones hold, most first. Memory: 8 bytes an object, and what
/// is handed out.
Status FindDuplicates(Store& store, const Inventory& inventory, const ContentRequest& request,
                      const std::function<Status(const ContentGroup&)>& take);

/// Contents that are on fewer than `copies` volumes, each with all its versions, in no order.
Status FindFewCopies(Store& store, const Inventory& inventory, const ContentRequest& request,
                     uint32_t copies, const std::function<Status(const ContentGroup&)>& take);

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
