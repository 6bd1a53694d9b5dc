#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "tests/support/catalog_store_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::IsEmpty;

using Key = std::tuple<DirectoryKey, SessionKey, uint32_t>;

Key KeyOf(const ListingRow& row) { return {row.directory, row.session, row.number}; }

std::vector<Key> KeysOf(const std::vector<ListingRow>& rows) {
  std::vector<Key> keys;
  for (const ListingRow& row : rows) keys.push_back(KeyOf(row));
  return keys;
}

// Two finished sessions and one that is not; directories 0, 3, 6, ... with up to three pieces of
// each.
struct Filled {
  SessionKey first = 0;
  SessionKey second = 0;
  SessionKey unfinished = 0;
  std::vector<ListingRow> seen;  ///< in order
};

constexpr DirectoryKey kDirectories = 120;

Filled Fill(Store& store) {
  Filled filled{BeginSample(store, 1), BeginSample(store, 2), BeginSample(store, 3), {}};
  std::vector<ListingRow> all;
  for (DirectoryKey directory = 0; directory < kDirectories; directory += 3) {
    for (SessionKey session : {filled.unfinished, filled.second, filled.first}) {
      for (uint32_t number = 0; number <= static_cast<uint32_t>(directory % 2) * 2; ++number) {
        const auto seed = static_cast<uint64_t>(directory * 100 + session * 10 + number);
        all.push_back({directory, session, number, RandomBytes(seed % 1500, seed)});
      }
    }
  }
  std::mt19937 random(5);
  std::ranges::shuffle(all, random);
  for (size_t at = 0; at < all.size(); at += 50) {
    Check(store.AddListings(std::span(all).subspan(at, std::min<size_t>(50, all.size() - at))));
  }
  Finish(store, filled.first);
  Finish(store, filled.second);
  for (const ListingRow& row : all) {
    if (row.session != filled.unfinished) filled.seen.push_back(row);
  }
  std::ranges::sort(filled.seen, {}, KeyOf);
  return filled;
}

void ExpectSame(const std::vector<ListingRow>& rows, const std::vector<ListingRow>& expected) {
  ASSERT_EQ(KeysOf(rows), KeysOf(expected));
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].page, expected[i].page);
}

void KeepsListingsInOrder(StorePlace& place) {
  Filled filled;
  {
    const auto store = place.Open();
    filled = Fill(*store);
  }
  const auto store = Value(place.TryOpen(StoreUse::kRead));
  const std::vector<DirectoryKey> some = {33, 0, 9, 1000, 1};
  std::vector<ListingRow> expected;
  std::vector<ListingRow> expected_of_second;
  for (const ListingRow& row : filled.seen) {
    if (std::ranges::find(some, row.directory) == some.end()) continue;
    expected.push_back(row);
    if (row.session == filled.second) expected_of_second.push_back(row);
  }
  ExpectSame(Value(store->ListingsOf(some)), expected);
  ExpectSame(Value(store->ListingsOf(some, filled.second)), expected_of_second);
  const std::vector<DirectoryKey> none = {1, 2};
  EXPECT_THAT(Value(store->ListingsOf(none)), IsEmpty());
}

void AnUnfinishedSessionIsNotListed(StorePlace& place) {
  const auto store = place.Open();
  const Filled filled = Fill(*store);
  const std::vector<DirectoryKey> some = {0, 3};
  EXPECT_THAT(Value(store->ListingsOf(some, filled.unfinished)), IsEmpty());
}

void GoesThroughAllListings(StorePlace& place) {
  const auto store = place.Open();
  const Filled filled = Fill(*store);
  for (size_t max_bytes : {size_t{1}, size_t{3000}, size_t{1} << 30}) {
    std::vector<ListingRow> all;
    DirectoryKey after = -1;
    for (;;) {
      const std::vector<ListingRow> rows = Value(store->NextListings(after, max_bytes));
      if (rows.empty()) break;
      ASSERT_GT(rows.front().directory, after);
      after = rows.back().directory;
      size_t bytes = 0;
      for (const ListingRow& row : rows) {
        if (row.directory != after) bytes += row.page.size();
      }
      // Without the last directory it was not enough.
      EXPECT_LT(bytes, max_bytes);
      all.insert(all.end(), rows.begin(), rows.end());
    }
    ExpectSame(all, filled.seen);
  }
}

void GoesThroughTheListingsOfASession(StorePlace& place) {
  const auto store = place.Open();
  const Filled filled = Fill(*store);
  std::vector<ListingRow> all;
  DirectoryKey after = -1;
  for (;;) {
    const std::vector<ListingRow> rows = Value(store->NextListings(after, 3000, filled.second));
    if (rows.empty()) break;
    after = rows.back().directory;
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::vector<ListingRow> expected;
  for (const ListingRow& row : filled.seen) {
    if (row.session == filled.second) expected.push_back(row);
  }
  ExpectSame(all, expected);
  EXPECT_THAT(Value(store->NextListings(-1, 3000, filled.unfinished)), IsEmpty());
}

void KeepsLargePages(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey session = BeginSample(*store);
  const std::vector<ListingRow> rows = {{5, session, 0, RandomBytes(5'000'000, 1)},
                                        {5, session, 1, TextBytes(300'000, 2)},
                                        {6, session, 0, std::string(1, '\0')}};
  Check(store->AddListings(rows));
  Finish(*store, session);
  const std::vector<DirectoryKey> both = {5, 6};
  ExpectSame(Value(store->ListingsOf(both)), rows);
  EXPECT_EQ(Value(store->NextListings(-1, 1)).size(), 2u);
}

}  // namespace

const std::vector<StoreCase>& StoreListingCases() {
  static const std::vector<StoreCase> kCases = {
      {"KeepsListingsInOrder", KeepsListingsInOrder},
      {"AnUnfinishedSessionIsNotListed", AnUnfinishedSessionIsNotListed},
      {"GoesThroughAllListings", GoesThroughAllListings},
      {"GoesThroughTheListingsOfASession", GoesThroughTheListingsOfASession},
      {"KeepsLargePages", KeepsLargePages}};
  return kCases;
}

}  // namespace tapir::test
