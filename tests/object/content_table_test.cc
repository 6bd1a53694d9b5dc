#include "object/content_table.h"

#include <gtest/gtest.h>

#include "object/equal_finder.h"
#include "tests/support/memory_source.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

StoredContent ContentOf(uint64_t number) {
  StoredContent content;
  content.ordinal = number;
  content.size = 1000 + number;
  std::string text = std::to_string(number);
  content.digests.xxh128 = ComputeDigest128(AsBytes(text));
  content.digests.sha256[0] = static_cast<std::byte>(number);
  content.identity = {number, number * 3, {1, 2}, {-3, 4}, content.size};
  content.path = "path/" + text;
  return content;
}

void ExpectSame(const StoredContent& left, const StoredContent& right) {
  EXPECT_EQ(left.ordinal, right.ordinal);
  EXPECT_EQ(left.size, right.size);
  EXPECT_EQ(left.digests, right.digests);
  EXPECT_EQ(left.identity, right.identity);
  EXPECT_EQ(left.path, right.path);
}

// Far beyond the first slots and beyond what the spools keep in memory.
TEST(ContentTable, GrowsAndFindsAll) {
  ContentTable table;
  constexpr uint64_t kContents = 100'000;
  for (uint64_t i = 0; i < kContents; ++i) ASSERT_THAT(table.Add(ContentOf(i)), IsOk());
  for (uint64_t i = 0; i < kContents; i += 7) {
    StoredContent wanted = ContentOf(i);
    auto found = Value(table.Find(wanted.size, wanted.digests.xxh128));
    ASSERT_TRUE(found.has_value()) << i;
    ExpectSame(*found, wanted);
  }
  for (uint64_t i = kContents; i < kContents + 1000; ++i) {
    StoredContent other = ContentOf(i);
    EXPECT_FALSE(Value(table.Find(other.size, other.digests.xxh128)).has_value());
  }
}

TEST(ContentTable, SizeAndAllOfTheDigestCount) {
  ContentTable table;
  StoredContent content = ContentOf(1);
  Check(table.Add(content));
  EXPECT_FALSE(Value(table.Find(content.size + 1, content.digests.xxh128)).has_value());
  for (size_t i = 0; i < 16; ++i) {
    Digest128 other = content.digests.xxh128;
    other[i] ^= std::byte{1};
    EXPECT_FALSE(Value(table.Find(content.size, other)).has_value());
  }
}

TEST(ContentTable, TheFirstOfEqualContentsStays) {
  ContentTable table;
  StoredContent content = ContentOf(1);
  Check(table.Add(content));
  StoredContent later = content;
  later.ordinal = 9;
  Check(table.Add(later));
  EXPECT_EQ(Value(table.Find(content.size, content.digests.xxh128))->ordinal, 1u);
}

TEST(EqualFinder, ADigestAloneProvesNothing) {
  std::string bytes = RandomBytes(300'000, 1);
  MemoryObject object;
  object.path = "a";
  object.bytes = bytes;
  MemorySource source({object});
  SourceIdentity identity = Value(source.Next())->identity;
  EqualFinder finder(source, false);
  StoredContent stored;
  stored.size = bytes.size();
  stored.identity = identity;
  stored.path = "a";
  stored.digests.xxh128 = ComputeDigest128(AsBytes(bytes));
  Check(finder.Add(stored));
  auto find = [&](const std::string& contents) {
    std::vector<ByteSpan> pieces = {AsBytes(contents).first(1000), AsBytes(contents).subspan(1000)};
    return Value(finder.Find(contents.size(), stored.digests, pieces)).has_value();
  };
  EXPECT_TRUE(find(bytes));
  for (size_t at : {size_t{0}, size_t{999}, size_t{1000}, bytes.size() - 1}) {
    std::string other = bytes;
    other[at] = static_cast<char>(other[at] + 1);
    EXPECT_FALSE(find(other)) << at;
  }
}

}  // namespace
}  // namespace tapir::test
