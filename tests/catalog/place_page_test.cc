#include "catalog/place_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using catalog::NameKey;
using catalog::Place;
using catalog::PlaceRow;
using ::testing::ElementsAre;

std::vector<Place> Unpack(const std::vector<PlaceRow>& rows) {
  std::vector<Place> places;
  for (const PlaceRow& row : rows) Check(catalog::UnpackPlaces(row, places));
  return places;
}

TEST(PlacePage, IsPackedAsSaid) {
  const std::vector<Place> places = {{130, 5}, {130, 300}, {131, 299}};
  const std::vector<PlaceRow> rows = catalog::PackPlaces(places);
  EXPECT_THAT(rows,
              ElementsAre(PlaceRow{2, "\x02\x0A" + std::string(1, '\0') + "\xCE\x04\x01\x01"}));
}

TEST(PlacePage, EveryPlaceComesBack) {
  std::mt19937_64 random(7);
  std::set<Place> places;
  for (int i = 0; i < 5000; ++i) {
    // Far from each other, too.
    const auto directory = static_cast<int64_t>(random() >> (1 + random() % 63));
    places.insert({static_cast<NameKey>(64 * 1'000'000 + random() % 64), directory});
  }
  places.insert({64 * 1'000'000 + 63, std::numeric_limits<int64_t>::max()});
  const std::vector<Place> ascending(places.begin(), places.end());
  const std::vector<PlaceRow> rows = catalog::PackPlaces(ascending);
  EXPECT_GT(rows.size(), 5u);
  for (const PlaceRow& row : rows) {
    EXPECT_EQ(row.bucket, 1'000'000);
    EXPECT_LT(row.page.size(), catalog::kPlacePageBytes + 20);
  }
  EXPECT_EQ(Unpack(rows), ascending);
}

TEST(PlacePage, NothingTakesNothing) { EXPECT_TRUE(catalog::PackPlaces({}).empty()); }

// Whatever stands in a page, what comes of it lies in its bucket.
TEST(PlacePage, DamageGivesPlacesOfTheBucketOrAnError) {
  const std::vector<Place> places = {{640, 0}, {645, 90'000}, {646, 4}, {703, INT64_MAX}};
  const PlaceRow row = catalog::PackPlaces(places).at(0);
  size_t errors = 0;
  const auto look_at = [&](const PlaceRow& damaged) {
    std::vector<Place> found;
    const Status status = catalog::UnpackPlaces(damaged, found);
    for (const Place& place : found) {
      EXPECT_EQ(catalog::BucketOf(place.name), 10);
      EXPECT_GE(place.directory, 0);
    }
    if (status.ok()) return;
    ++errors;
    EXPECT_EQ(status.code(), StatusCode::kCorrupt);
  };
  for (size_t at = 0; at < row.page.size(); ++at) {
    look_at({row.bucket, row.page.substr(0, at)});
    for (int bit = 0; bit < 8; ++bit) {
      PlaceRow flipped = row;
      flipped.page[at] = static_cast<char>(flipped.page[at] ^ (1 << bit));
      look_at(flipped);
    }
  }
  EXPECT_GT(errors, row.page.size());
}

TEST(PlacePage, BucketsThatCannotBeAreRefused) {
  std::vector<Place> found;
  for (const int64_t bucket : {int64_t{-1}, std::numeric_limits<int64_t>::max() / 64,
                               std::numeric_limits<int64_t>::max()}) {
    EXPECT_THAT(catalog::UnpackPlaces({bucket, ""}, found), HasCode(StatusCode::kCorrupt));
  }
}

}  // namespace
}  // namespace tapir::test
