#include "catalog/place_page.h"

#include "bytes/checksum.h"
#include "bytes/cursor.h"

namespace tapir::catalog {
namespace {

constexpr size_t kChecksumBytes = sizeof(uint32_t);

uint32_t ChecksumOf(const PlaceRow& row) {
  const ByteSpan checked = AsBytes(row.page).subspan(kChecksumBytes);
  return static_cast<uint32_t>(Checksum64(checked, static_cast<uint64_t>(row.bucket)));
}

void Seal(PlaceRow& row) {
  StoreLe(reinterpret_cast<std::byte*>(row.page.data()), ChecksumOf(row));
}

}  // namespace

std::vector<PlaceRow> PackPlaces(std::span<const Place> places) {
  std::vector<PlaceRow> rows;
  Place before;
  for (const Place& place : places) {
    if (rows.empty() || rows.back().page.size() >= kPlacePageBytes) {
      if (!rows.empty()) Seal(rows.back());
      rows.push_back({BucketOf(place.name), std::string(kChecksumBytes, '\0')});
      before = {BucketOf(place.name) * kNamesOfBucket, 0};
    }
    WriteCursor to(rows.back().page);
    to.Varint(static_cast<uint64_t>(place.name - before.name));
    to.ZigZag(place.directory - before.directory);
    before = place;
  }
  if (!rows.empty()) Seal(rows.back());
  return rows;
}

Status UnpackPlaces(const PlaceRow& row, std::vector<Place>& to) {
  constexpr NameKey kMostBuckets = INT64_MAX / kNamesOfBucket;
  if (row.bucket < 0 || row.bucket >= kMostBuckets) return Corrupt("a page of places is nowhere");
  const NameKey begin = row.bucket * kNamesOfBucket;
  ReadCursor from(AsBytes(row.page));
  const uint32_t checksum = from.U32();
  if (!from.ok() || checksum != ChecksumOf(row)) return Corrupt("a page of places is damaged");
  Place place{begin, 0};
  while (from.ok() && from.remaining() > 0) {
    const uint64_t names = from.Varint();
    const int64_t directories = from.ZigZag();
    const NameKey left = begin + kNamesOfBucket - 1 - place.name;
    if (!from.ok() || names > static_cast<uint64_t>(left) ||
        __builtin_add_overflow(place.directory, directories, &place.directory) ||
        place.directory < 0) {
      return Corrupt("a page of places is malformed");
    }
    place.name += static_cast<NameKey>(names);
    to.push_back(place);
  }
  return OkStatus();
}

}  // namespace tapir::catalog
