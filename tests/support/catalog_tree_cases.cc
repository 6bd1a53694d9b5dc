#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tapir/catalog/search_form.h"
#include "tests/support/catalog_store_cases.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::vector<NameKey> Intern(Store& store, const std::vector<std::string>& names) {
  return Value(store.InternNames(std::vector<std::string_view>(names.begin(), names.end())));
}

std::vector<std::string> OddNames() {
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '/') every_byte += static_cast<char>(byte);
  }
  std::string long_name = RandomBytes(5000, 1);
  for (char& byte : long_name) {
    if (byte == 0 || byte == '/') byte = 'x';
  }
  return {"plain",
          "Plain",
          "a\nb",
          "\n",
          "a\\x41",
          "a",
          "\xFF",
          "\xC3\x28 half",
          "\xED\xA0\x80",
          every_byte,
          long_name,
          long_name + "y",
          std::string(5000, 'n'),
          "\xC3\x84rger",
          "\xC3\xA4rger",
          "'; DROP TABLE name; --",
          "{\"a\",b}",
          "NULL"};
}

void KeepsNamesOfAnyBytes(StorePlace& place) {
  const std::vector<std::string> names = OddNames();
  std::vector<NameKey> keys;
  {
    const auto store = place.Open();
    keys = Intern(*store, names);
    ASSERT_EQ(std::set<NameKey>(keys.begin(), keys.end()).size(), names.size());
    for (NameKey key : keys) EXPECT_GE(key, 1);
    // Again, in another order and beside new ones.
    std::vector<std::string> again = {"new", names[3], names[10], "new too", names[0]};
    const std::vector<NameKey> found = Intern(*store, again);
    EXPECT_EQ(found[1], keys[3]);
    EXPECT_EQ(found[2], keys[10]);
    EXPECT_EQ(found[4], keys[0]);
    Check(store->Flush());
  }
  const auto store = Value(place.TryOpen(StoreUse::kRead));
  EXPECT_THAT(Value(store->Names(keys)), ElementsAreArray(names));
  const std::vector<NameKey> some = {keys[5], keys[1], keys[5]};
  EXPECT_THAT(Value(store->Names(some)), ElementsAre(names[5], names[1], names[5]));
  const std::vector<std::string_view> all(names.begin(), names.end());
  EXPECT_THAT(Value(store->FindNames(all)), ElementsAreArray(keys));
  const std::vector<std::string_view> strangers = {"PLAIN", "plai", "plain ", "aa", ""};
  EXPECT_THAT(Value(store->FindNames(strangers)), Each(std::nullopt));
  const std::vector<std::string_view> mixed = {names[4], "none", names[0], names[4]};
  EXPECT_THAT(Value(store->FindNames(mixed)), ElementsAre(keys[4], std::nullopt, keys[0], keys[4]));
  const std::vector<NameKey> missing = {keys[0], 1'000'000};
  EXPECT_THAT(store->Names(missing), HasCode(StatusCode::kCorrupt));
}

void TakesNothingAtAll(StorePlace& place) {
  const auto store = place.Open();
  EXPECT_THAT(Value(store->InternNames({})), IsEmpty());
  EXPECT_THAT(Value(store->Names({})), IsEmpty());
  EXPECT_THAT(Value(store->InternDirectories({})), IsEmpty());
  EXPECT_THAT(Value(store->Directories({})), IsEmpty());
  EXPECT_THAT(Value(store->FindDirectories({})), IsEmpty());
  EXPECT_THAT(Value(store->PlacePages({})), IsEmpty());
  EXPECT_THAT(Value(store->ListingsOf({})), IsEmpty());
  EXPECT_THAT(Value(store->ListingsOf({}, 1)), IsEmpty());
  Check(store->AddPlacePages({}));
  Check(store->AddListings({}));
  Check(store->AddKeyEntries({}));
  Check(store->Flush());
  Check(store->Flush());
  EXPECT_THAT(FoundNames(*store, ""), IsEmpty());
  EXPECT_THAT(FoundNames(*store, "ABC"), IsEmpty());
  EXPECT_THAT(Value(store->Subdirectories(kRoot)), IsEmpty());
  EXPECT_THAT(Value(store->Subdirectories({})), IsEmpty());
  EXPECT_THAT(Value(store->FindNames({})), IsEmpty());
  EXPECT_THAT(Value(store->NextListings(-1, 1)), IsEmpty());
}

// Every name that has the piece must come, once, however many are wanted at a time.
void ExpectFinds(Store& store, const std::map<NameKey, std::string>& names,
                 const std::string& piece, size_t page) {
  const std::string form = SearchForm(piece);
  std::vector<NameKey> found;
  for (const FoundName& name : FoundNames(store, form, page)) {
    ASSERT_EQ(names.at(name.key), name.text);
    if (SearchForm(name.text).find(form) != std::string::npos) found.push_back(name.key);
  }
  std::vector<NameKey> expected;
  for (const auto& [key, text] : names) {
    if (SearchForm(text).find(form) != std::string::npos) expected.push_back(key);
  }
  EXPECT_EQ(found, expected) << piece;
}

std::vector<std::string> NamesToSearch() {
  std::vector<std::string> names = OddNames();
  for (const char* more : {"100% sure",
                           "100 sure",
                           "under_score",
                           "underXscore",
                           "back\\slash",
                           "backslash",
                           "double\"quote",
                           "single'quote",
                           "IMG_0001.JPG",
                           "img_0001.jpg",
                           "a.b",
                           "...",
                           "a b  c",
                           "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82",
                           "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
                           "stra\xC3\x9F\x65",
                           "\xF0\x9F\x98\x80 smile",
                           "x\xFFy\xFEz",
                           "\\134\\",
                           "\\x5c",
                           "na\xC3\xAFve.txt",
                           "$1 {} [] () * ? ^"}) {
    names.emplace_back(more);
  }
  return names;
}

std::vector<std::string> PiecesToSearch() {
  return {"plain",
          "PLAIN",
          "a",
          "A\nb",
          "0%",
          "100%",
          "%",
          "_",
          "r_s",
          "under_",
          "\\",
          "k\\s",
          "back\\slash",
          "\"",
          "e\"q",
          "double\"quote",
          "'",
          "e'q",
          "img_",
          "0001",
          ".jpg",
          "a.b",
          "...",
          "b  c",
          "\xC3\xA4",
          "\xC3\x84RGER",
          "\xD1\x80\xD0\xB8",
          "\xD0\xBF\xD1\x80\xD0\xB8",
          "\xE6\x9C\xAC",
          "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
          "\xC3\x9F",
          "\xF0\x9F\x98\x80",
          "\xFF",
          "y\xFEz",
          "\\134",
          "134",
          "\\x5C",
          "na\xC3\xAF",
          "n",
          "nnn",
          "drop",
          "; --",
          "null",
          "[]",
          "()",
          "* ?",
          "$1",
          "{}",
          "no such piece",
          "zzz"};
}

void SearchesPieces(StorePlace& place) {
  const auto store = place.Open();
  const std::vector<std::string> texts = NamesToSearch();
  std::map<NameKey, std::string> names;
  const std::vector<NameKey> keys = Intern(*store, texts);
  for (size_t i = 0; i < keys.size(); ++i) names[keys[i]] = texts[i];
  Check(store->Flush());
  for (const std::string& piece : PiecesToSearch()) {
    for (size_t page : {size_t{1}, size_t{7}, size_t{1000}}) {
      ExpectFinds(*store, names, piece, page);
    }
  }
}

// Enough names that a store may go about it in another way; some pieces are in many of them.
void SearchesAmongMany(StorePlace& place) {
  const auto store = place.Open();
  std::mt19937 random(7);
  std::set<std::string> distinct;
  while (distinct.size() < 30'000) {
    std::string name = distinct.size() % 500 == 0 ? "rare " : "";
    for (int letters = 4 + static_cast<int>(random() % 8); letters > 0; --letters) {
      name += static_cast<char>('a' + random() % 26);
    }
    distinct.insert(name + (random() % 2 == 0 ? ".jpg" : ".txt"));
  }
  std::map<NameKey, std::string> names;
  std::vector<std::string> texts(distinct.begin(), distinct.end());
  std::ranges::shuffle(texts, random);
  for (size_t at = 0; at < texts.size(); at += 1000) {
    const std::vector<std::string> batch(texts.begin() + static_cast<ptrdiff_t>(at),
                                         texts.begin() + static_cast<ptrdiff_t>(at + 1000));
    const std::vector<NameKey> keys = Intern(*store, batch);
    for (size_t i = 0; i < keys.size(); ++i) names[keys[i]] = batch[i];
  }
  Check(store->Flush());
  for (const char* piece : {"rare", ".jpg", "abc", "q", "none at all", "e."}) {
    ExpectFinds(*store, names, piece, 500);
  }
}

void KeepsDirectories(StorePlace& place) {
  const auto store = place.Open();
  const std::vector<NameKey> names = Intern(*store, {"usr", "share", "lib"});
  const std::vector<DirectoryPlace> top = {{kRootDirectory, names[0]}, {kRootDirectory, names[1]}};
  const std::vector<DirectoryKey> first = Value(store->InternDirectories(top));
  ASSERT_EQ(first.size(), 2u);
  EXPECT_GE(first[0], 1);
  EXPECT_NE(first[0], first[1]);
  const std::vector<DirectoryPlace> below = {
      {first[0], names[2]}, {kRootDirectory, names[1]}, {first[1], names[2]}};
  const std::vector<DirectoryKey> second = Value(store->InternDirectories(below));
  EXPECT_EQ(second[1], first[1]);
  EXPECT_NE(second[0], second[2]);
  EXPECT_THAT(Value(store->Directories(second)), ElementsAreArray(below));
  const std::vector<DirectoryKey> missing = {second[0], 1'000'000};
  EXPECT_THAT(store->Directories(missing), HasCode(StatusCode::kCorrupt));
  const std::vector<DirectoryPlace> some = {
      {first[1], names[2]}, {first[1], names[0]}, {kRootDirectory, names[0]}, {77, 88}};
  EXPECT_THAT(Value(store->FindDirectories(some)),
              ElementsAre(second[2], std::nullopt, first[0], std::nullopt));
  const auto inside = [&](const std::vector<DirectoryKey>& parents) {
    std::vector<std::pair<DirectoryKey, NameKey>> found;
    for (const Subdirectory& one : Value(store->Subdirectories(parents))) {
      found.emplace_back(one.key, one.name);
    }
    return found;
  };
  std::vector<std::pair<DirectoryKey, NameKey>> top_ones = {{first[0], names[0]},
                                                            {first[1], names[1]}};
  std::ranges::sort(top_ones, {}, [](const auto& one) { return one.second; });
  EXPECT_EQ(inside(kRoot), top_ones);
  EXPECT_THAT(inside({second[0]}), IsEmpty());
  const std::pair lib(second[0], names[2]);
  EXPECT_THAT(inside({first[0]}), ElementsAre(lib));
  EXPECT_THAT(inside({first[0], second[0], kRootDirectory}),
              ElementsAre(top_ones[0], top_ones[1], lib));
}

void KeepsPagesOfPlaces(StorePlace& place) {
  const std::vector<PlaceRow> some = {{3, "one"}, {900, std::string("\0\xFF", 2)}, {3, "two"}};
  const std::vector<PlaceRow> more = {{3, "one"}, {7, std::string(20'000, 'x')}};
  {
    const auto store = place.Open();
    Check(store->AddPlacePages(some));
    Check(store->AddPlacePages(more));
    const std::vector<int64_t> buckets = {900};
    EXPECT_THAT(Value(store->PlacePages(buckets)), ElementsAre(some[1]));
    Check(store->Flush());
  }
  const auto store = Value(place.TryOpen(StoreUse::kRead));
  const std::vector<int64_t> buckets = {7, 4, 3};
  EXPECT_THAT(Value(store->PlacePages(buckets)),
              ::testing::UnorderedElementsAre(some[0], some[2], more[0], more[1]));
}

}  // namespace

const std::vector<StoreCase>& StoreTreeCases() {
  static const std::vector<StoreCase> kCases = {{"KeepsNamesOfAnyBytes", KeepsNamesOfAnyBytes},
                                                {"TakesNothingAtAll", TakesNothingAtAll},
                                                {"SearchesPieces", SearchesPieces},
                                                {"SearchesAmongMany", SearchesAmongMany},
                                                {"KeepsDirectories", KeepsDirectories},
                                                {"KeepsPagesOfPlaces", KeepsPagesOfPlaces}};
  return kCases;
}

}  // namespace tapir::test
