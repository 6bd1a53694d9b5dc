#include "catalog/listing_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "bytes/checksum.h"
#include "bytes/cursor.h"
#include "tests/support/listing_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::HasSubstr;

constexpr SessionKey kSession = 7;

// A page as no writer makes it, whose checksum is right.
std::string Sealed(const std::string& raw, uint8_t codec = 0, uint64_t raw_bytes = 0) {
  std::string page;
  WriteCursor to(page);
  to.U64(0);
  to.U8(codec);
  to.Varint(raw_bytes == 0 ? raw.size() : raw_bytes);
  to.Text(raw);
  const uint64_t sum = Checksum64(AsBytes(page).subspan(sizeof(uint64_t)), kSession);
  std::string head;
  WriteCursor(head).U64(sum);
  return head + page.substr(sizeof(uint64_t));
}

TEST(ListingPage, EveryFieldComesBack) {
  for (uint64_t seed = 1; seed <= (FullRun() ? 3000u : 200u); ++seed) {
    ListingPages pages(seed % 3 == 0 ? 0 : 3);
    const std::vector<Entry> entries =
        SampleListing(seed, 1 + seed % 90, seed % 2 == 0, seed % 5 == 0);
    const std::string page = Value(pages.Encode(entries, kSession));
    EXPECT_EQ(Value(pages.Decode(page, kSession)), entries) << seed;
  }
}

TEST(ListingPage, LargeOnesAreCompressed) {
  std::vector<Entry> entries(kListingPageEntries);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].path = "IMG_" + std::to_string(1'000'000 + i) + ".jpg";
    entries[i].ordinal = 5 + i;
    entries[i].size = 4'000'000;
  }
  ListingPages pages;
  const std::string page = Value(pages.Encode(entries, kSession));
  EXPECT_LT(page.size(), Value(ListingPages(0).Encode(entries, kSession)).size() / 2);
  EXPECT_EQ(Value(pages.Decode(page, kSession)), entries);
}

TEST(ListingPage, AnyByteThatIsFlippedIsNoticed) {
  for (const bool extreme : {false, true}) {
    ListingPages pages;
    std::string page = Value(pages.Encode(SampleListing(3, 40, true, extreme), kSession));
    for (size_t at = 0; at < page.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        page[at] = static_cast<char>(page[at] ^ (1 << bit));
        EXPECT_FALSE(pages.Decode(page, kSession).ok()) << at << " " << bit;
        page[at] = static_cast<char>(page[at] ^ (1 << bit));
      }
    }
  }
}

TEST(ListingPage, AnyCutIsNoticed) {
  ListingPages pages;
  const std::string page = Value(pages.Encode(SampleListing(4, 40, true, false), kSession));
  for (size_t length = 0; length < page.size(); ++length) {
    EXPECT_THAT(pages.Decode(page.substr(0, length), kSession), HasCode(StatusCode::kCorrupt));
  }
  EXPECT_THAT(pages.Decode(page + "x", kSession), HasCode(StatusCode::kCorrupt));
}

TEST(ListingPage, IsThatOfOneSession) {
  ListingPages pages;
  const std::string page = Value(pages.Encode(SampleListing(5, 3, false, false), kSession));
  EXPECT_THAT(pages.Decode(page, kSession + 1), HasCode(StatusCode::kCorrupt));
}

// With a right checksum: by a mistake of a writer, or on purpose.
TEST(ListingPage, CutAndChangedContentsNeverMisbehave) {
  ListingPages pages(0);
  const std::string page = Value(pages.Encode(SampleListing(6, 12, true, false), kSession));
  const std::string raw = page.substr(page.size() - (page.size() - 11));
  ASSERT_EQ(Sealed(raw), page);
  for (size_t at = 0; at < raw.size(); ++at) {
    EXPECT_FALSE(pages.Decode(Sealed(raw.substr(0, at)), kSession).ok()) << at;
    for (int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      std::string changed = raw;
      changed[at] = static_cast<char>(value);
      const auto read = pages.Decode(Sealed(changed), kSession);
      if (!read.ok()) continue;
      // What is taken keeps the rules, and so can be written.
      EXPECT_EQ(Value(pages.Decode(Value(pages.Encode(*read, kSession)), kSession)), *read);
    }
  }
}

std::string Varint(uint64_t value) {
  std::string bytes;
  WriteCursor(bytes).Varint(value);
  return bytes;
}

// One regular file "a" whose columns are 0 but for `column`, which has `value`.
std::string OneEntry(size_t column, uint64_t value) {
  std::string raw = Varint(1) + Varint(0) + Varint(0) + Varint(1) + "a";
  constexpr size_t kColumns = 16;
  for (size_t i = 0; i < kColumns; ++i) {
    const uint64_t regular = i == 0 ? 1 : 0;
    raw += Varint(0) + Varint(i == column ? value : regular);
  }
  return raw + std::string(16, 'd');
}

TEST(ListingPage, NumbersOutOfRangeAreRefused) {
  ListingPages pages;
  ASSERT_THAT(pages.Decode(Sealed(OneEntry(0, 1)), kSession), IsOk());
  struct Case {
    size_t column;
    uint64_t value;
  };
  constexpr uint64_t kOver32 = uint64_t{1} << 32;
  for (const Case& one : std::vector<Case>{{0, 0},
                                           {0, 8},
                                           {0, 0x42},
                                           {0, 0x101},
                                           {1, 5},
                                           {1, 256},
                                           {2, 0x01},
                                           {2, 0x100},
                                           {2, 0x40},
                                           {4, kOver32},
                                           {5, kOver32},
                                           {6, kOver32},
                                           {9, kNanosecondsPerSecond},
                                           {12, kOver32},
                                           {13, kOver32},
                                           {14, 0x0F},
                                           {14, 0xF0},
                                           {14, 0x1000},
                                           {15, kOver32}}) {
    EXPECT_THAT(pages.Decode(Sealed(OneEntry(one.column, one.value)), kSession),
                HasCode(StatusCode::kCorrupt))
        << one.column << " " << one.value;
  }
}

TEST(ListingPage, NamesMustAscend) {
  ListingPages pages;
  const std::string two = Varint(2) + Varint(0);
  for (const std::string& names : {Varint(0) + Varint(0) + Varint(0) + Varint(1) + "a",
                                   Varint(0) + Varint(1) + "b" + Varint(0) + Varint(1) + "a",
                                   Varint(0) + Varint(1) + "b" + Varint(1) + Varint(0),
                                   Varint(1) + Varint(1) + "b" + Varint(0) + Varint(1) + "c"}) {
    const auto read = pages.Decode(Sealed(two + names + std::string(100, '\0')), kSession);
    ASSERT_THAT(read, HasCode(StatusCode::kCorrupt));
    EXPECT_THAT(read.status().message(), HasSubstr("name"));
  }
}

TEST(ListingPage, CountsAreCheckedBeforeMemoryIsTaken) {
  ListingPages pages;
  EXPECT_THAT(pages.Decode(Sealed(Varint(~uint64_t{0}) + std::string(50, '\0')), kSession),
              HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(pages.Decode(Sealed(Varint(0) + std::string(50, '\0')), kSession),
              HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(pages.Decode(Sealed("xyz", 1, uint64_t{1} << 60), kSession),
              HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(pages.Decode(Sealed("xyz", 1, 1000), kSession), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(pages.Decode(Sealed("xyz", 9), kSession), HasCode(StatusCode::kCorrupt));
  const uint64_t many = kMaxListingPageEntries + 1;
  EXPECT_THAT(pages.Decode(Sealed(Varint(many) + std::string(many * 4, '\0')), kSession),
              HasCode(StatusCode::kLimitExceeded));
}

TEST(ListingPage, ItsSumTellsWhereItStands) {
  const uint64_t sum = ListingSum("a page of some bytes", 5, 1);
  EXPECT_EQ(ListingSum("a page of some bytes", 5, 1), sum);
  EXPECT_NE(ListingSum("b page of some bytes", 5, 1), sum);
  EXPECT_NE(ListingSum("a page of some bytes", 6, 1), sum);
  EXPECT_NE(ListingSum("a page of some bytes", 5, 2), sum);
  EXPECT_NE(ListingSum("", 5, 2), ListingSum("", 5, 1));
}

TEST(ListingPage, NamesThatDoNotAscendAreRefused) {
  std::vector<Entry> entries(2);
  entries[0].path = "b";
  for (const char* second : {"a", "b"}) {
    entries[1].path = second;
    EXPECT_THAT(catalog::ListingPages().Encode(entries, 1), HasCode(StatusCode::kCorrupt));
  }
}

}  // namespace
}  // namespace tapir::test
