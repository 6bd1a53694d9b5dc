#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Names that lie in one bucket.
inline constexpr NameKey kNamesOfBucket = 64;
inline int64_t BucketOf(NameKey name) { return name / kNamesOfBucket; }

/// A page is begun anew behind this many bytes: what PostgreSQL keeps inside its tables.
inline constexpr size_t kPlacePageBytes = 1800;

/// Packs places of one bucket, ascending and all different. A page is a u32, the lower half of the
/// checksum of the rest seeded with the bucket, then for each place a varint by how much its name
/// is behind the one before and a signed one by how much its directory is; the first count from the
/// beginning of the bucket and 0. Pages can be read one by one.
std::vector<PlaceRow> PackPlaces(std::span<const Place> places);

/// Appends what a page holds. kCorrupt if it is damaged.
Status UnpackPlaces(const PlaceRow& row, std::vector<Place>& to);

}  // namespace tapir::catalog
