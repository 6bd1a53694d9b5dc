#include "catalog/place_index.h"

#include <algorithm>
#include <iterator>

#include "catalog/place_page.h"

namespace tapir::catalog {
namespace {

// 16 MiB of them.
constexpr size_t kMostWaiting = 1u << 20;
// Buckets that are looked at in one go; each has a page or more.
constexpr size_t kBucketsAtOnce = 4096;

void SortOnce(std::vector<Place>& places) {
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
}

// Everything in these buckets, ordered and each once: two importers may have added the same.
Result<std::vector<Place>> PlacesIn(Store& store, std::span<const int64_t> buckets) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<PlaceRow> rows, store.PlacePages(buckets));
  std::vector<Place> places;
  for (const PlaceRow& row : rows) TAPIR_RETURN_IF_ERROR(UnpackPlaces(row, places));
  SortOnce(places);
  return places;
}

// How many of the first of these lie in the first bucket of them.
size_t CountInBucket(std::span<const Place> places) {
  const int64_t bucket = BucketOf(places.front().name);
  const auto end = std::ranges::find_if(
      places, [&](const Place& place) { return BucketOf(place.name) != bucket; });
  return static_cast<size_t>(end - places.begin());
}

}  // namespace

Status PlaceWriter::Add(std::span<const Place> places) {
  waiting_.insert(waiting_.end(), places.begin(), places.end());
  return waiting_.size() >= kMostWaiting ? Flush() : OkStatus();
}

Status PlaceWriter::Flush() {
  SortOnce(waiting_);
  std::span<const Place> rest = waiting_;
  while (!rest.empty()) {
    size_t count = 0;
    for (size_t buckets = 0; buckets < kBucketsAtOnce && count < rest.size(); ++buckets) {
      count += CountInBucket(rest.subspan(count));
    }
    TAPIR_RETURN_IF_ERROR(AddNew(rest.first(count)));
    rest = rest.subspan(count);
  }
  waiting_.clear();
  return OkStatus();
}

// `places` ascend, and are all of those that wait for the buckets they lie in.
Status PlaceWriter::AddNew(std::span<const Place> places) {
  std::vector<int64_t> buckets;
  for (size_t i = 0; i < places.size(); i += CountInBucket(places.subspan(i))) {
    buckets.push_back(BucketOf(places[i].name));
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<Place> known, PlacesIn(store_, buckets));
  std::vector<Place> fresh;
  std::ranges::set_difference(places, known, std::back_inserter(fresh));
  std::vector<PlaceRow> rows;
  for (std::span<const Place> rest = fresh; !rest.empty();) {
    const size_t count = CountInBucket(rest);
    std::ranges::move(PackPlaces(rest.first(count)), std::back_inserter(rows));
    rest = rest.subspan(count);
  }
  return rows.empty() ? OkStatus() : store_.AddPlacePages(rows);
}

Result<std::vector<Place>> PlacesOf(Store& store, std::span<const NameKey> names) {
  std::vector<NameKey> wanted(names.begin(), names.end());
  std::ranges::sort(wanted);
  std::vector<int64_t> buckets;
  for (NameKey name : wanted) {
    if (buckets.empty() || buckets.back() != BucketOf(name)) buckets.push_back(BucketOf(name));
  }
  TAPIR_ASSIGN_OR_RETURN(std::vector<Place> places, PlacesIn(store, buckets));
  std::erase_if(
      places, [&](const Place& place) { return !std::ranges::binary_search(wanted, place.name); });
  return places;
}

}  // namespace tapir::catalog
