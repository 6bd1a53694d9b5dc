#include "catalog/place_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/catalog/empty_store.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using catalog::DirectoryKey;
using catalog::kRootDirectory;
using catalog::NameKey;
using catalog::Place;
using catalog::PlaceWriter;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PlaceIndexTest : public ::testing::Test {
 protected:
  void Add(std::vector<Place> places) {
    PlaceWriter writer(*store_);
    Check(writer.Add(places));
    Check(writer.Flush());
  }
  size_t PagesOf(NameKey name) {
    const std::vector<int64_t> buckets = {name / 64};
    return Value(store_->PlacePages(buckets)).size();
  }

  Scratch scratch_;
  std::unique_ptr<catalog::Store> store_ = EmptyStore(scratch_);
};

TEST_F(PlaceIndexTest, KeepsEachPlaceOnce) {
  Add({{3, 9}, {1, 5}, {3, 4}, {1, kRootDirectory}});
  Add({{3, 4}, {3, 7}, {1, 5}, {2, 5}, {3, 7}});
  EXPECT_EQ(PagesOf(3), 2u);
  Add({{3, 4}, {3, 7}, {1, 5}, {2, 5}, {3, 7}});
  EXPECT_EQ(PagesOf(3), 2u);
  const std::vector<NameKey> wanted = {3, 1, 100, 100'000};
  EXPECT_THAT(Value(PlacesOf(*store_, wanted)), ElementsAre(Place{1, kRootDirectory}, Place{1, 5},
                                                            Place{3, 4}, Place{3, 7}, Place{3, 9}));
  EXPECT_THAT(Value(PlacesOf(*store_, {})), IsEmpty());
}

// As two importers may do at once.
TEST_F(PlaceIndexTest, WhatStandsThereTwiceIsReadOnce) {
  Add({{3, 9}, {4, 1}});
  const std::vector<int64_t> buckets = {0};
  Check(store_->AddPlacePages(Value(store_->PlacePages(buckets))));
  const std::vector<NameKey> wanted = {3, 4};
  EXPECT_THAT(Value(PlacesOf(*store_, wanted)), ElementsAre(Place{3, 9}, Place{4, 1}));
}

TEST_F(PlaceIndexTest, KeepsManyPlaces) {
  std::vector<Place> all;
  for (DirectoryKey directory = 0; directory < 300; ++directory) {
    for (NameKey name = 1; name <= 40; ++name) all.push_back({name, directory});
  }
  // More buckets than are looked at in one go.
  for (NameKey name = 50; name < 600'000; name += 60) all.push_back({name, 1000});
  std::mt19937 random(3);
  std::ranges::shuffle(all, random);
  PlaceWriter writer(*store_);
  for (size_t at = 0; at < all.size(); at += 3000) {
    Check(writer.Add(std::span(all).subspan(at, std::min<size_t>(3000, all.size() - at))));
    if (at % 9000 == 0) Check(writer.Flush());
  }
  Check(writer.Flush());
  std::vector<NameKey> names;
  for (NameKey name = 600'000; name > 0; --name) names.push_back(name);
  std::ranges::sort(all);
  EXPECT_EQ(Value(PlacesOf(*store_, names)), all);
  const std::vector<NameKey> one = {17};
  EXPECT_EQ(Value(PlacesOf(*store_, one)).size(), 300u);
}

TEST_F(PlaceIndexTest, ADamagedPageIsAnError) {
  const std::vector<catalog::PlaceRow> rows = {{0, "\x80"}};
  Check(store_->AddPlacePages(rows));
  const std::vector<NameKey> wanted = {3};
  EXPECT_THAT(PlacesOf(*store_, wanted), HasCode(StatusCode::kCorrupt));
}

}  // namespace
}  // namespace tapir::test
