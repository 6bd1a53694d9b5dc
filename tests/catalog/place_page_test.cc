#include "catalog/place_page.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "bytes/checksum.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using catalog::NameKey;
using catalog::Place;
using catalog::PlaceRow;

std::vector<Place> Unpack(const std::vector<PlaceRow>& rows) {
  std::vector<Place> places;
  for (const PlaceRow& row : rows) Check(catalog::UnpackPlaces(row, places));
  return places;
}

TEST(PlacePage, IsPackedAsSaid) {
  const std::vector<Place> places = {{130, 5}, {130, 300}, {131, 299}};
  const std::vector<PlaceRow> rows = catalog::PackPlaces(places);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].bucket, 2);
  EXPECT_EQ(rows[0].page.substr(4), "\x02\x0A" + std::string(1, '\0') + "\xCE\x04\x01\x01");
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

TEST(PlacePage, DamageIsNoticed) {
  const std::vector<Place> places = {{640, 0}, {645, 90'000}, {646, 4}, {703, INT64_MAX}};
  const PlaceRow row = catalog::PackPlaces(places).at(0);
  std::vector<Place> found;
  for (size_t at = 0; at < row.page.size(); ++at) {
    const PlaceRow cut = {row.bucket, row.page.substr(0, at)};
    EXPECT_THAT(catalog::UnpackPlaces(cut, found), HasCode(StatusCode::kCorrupt));
    for (int bit = 0; bit < 8; ++bit) {
      PlaceRow flipped = row;
      flipped.page[at] = static_cast<char>(flipped.page[at] ^ (1 << bit));
      EXPECT_THAT(catalog::UnpackPlaces(flipped, found), HasCode(StatusCode::kCorrupt));
    }
  }
  const PlaceRow elsewhere = {row.bucket + 1, row.page};
  EXPECT_THAT(catalog::UnpackPlaces(elsewhere, found), HasCode(StatusCode::kCorrupt));
}

// Who can write a checksum can write anything: what comes of it lies in its bucket all the same.
TEST(PlacePage, ForgedPagesGivePlacesOfTheBucketOrAnError) {
  std::mt19937 random(5);
  size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    PlaceRow row = {10, std::string(4, '\0')};
    for (size_t i = random() % 12; i > 0; --i) {
      row.page += static_cast<char>(random() % 3 == 0 ? random() : random() % 64);
    }
    const uint64_t checksum = Checksum64(AsBytes(row.page).subspan(4), 10);
    StoreLe(reinterpret_cast<std::byte*>(row.page.data()), static_cast<uint32_t>(checksum));
    std::vector<Place> found;
    const Status status = catalog::UnpackPlaces(row, found);
    taken += status.ok() ? 1u : 0u;
    for (const Place& place : found) {
      ASSERT_EQ(catalog::BucketOf(place.name), 10);
      ASSERT_GE(place.directory, 0);
    }
  }
  EXPECT_GT(taken, 500u);
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
