#include "object/placed_range.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "bytes/cursor.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

// A stream of 20 bytes, "..cdef....klm.......", whose ranges lie apart and in another order.
const std::string kFile = "klmXXcdXef";
const std::vector<PlacedRange> kRanges = {{2, 2, 5}, {4, 2, 8}, {10, 3, 0}};

Status FromFile(uint64_t place, std::span<std::byte> into) {
  if (place + into.size() > kFile.size()) return Truncated("behind the end of the file");
  std::ranges::copy(AsBytes(kFile).subspan(place, into.size()), into.begin());
  return OkStatus();
}

TEST(PlacedRange, EveryPartOfAStreamIsRead) {
  std::string stream(20, '\0');
  stream.replace(2, 4, "cdef");
  stream.replace(10, 3, "klm");
  for (size_t offset = 0; offset <= stream.size(); ++offset) {
    for (size_t size = 0; size <= stream.size() - offset; ++size) {
      std::string part(size, 'z');
      Check(ReadPlaced(kRanges, offset, std::as_writable_bytes(std::span(part)), FromFile));
      EXPECT_EQ(part, stream.substr(offset, size)) << offset;
    }
  }
}

TEST(PlacedRange, FailsAsReadingDoes) {
  std::string part(4, 'z');
  const std::vector<PlacedRange> behind_end = {{0, 4, kFile.size() - 2}};
  EXPECT_EQ(ReadPlaced(behind_end, 0, std::as_writable_bytes(std::span(part)), FromFile).code(),
            StatusCode::kTruncated);
}

TEST(PlacedRange, AdjacentRangesAreOneExtent) {
  EXPECT_EQ(ExtentsOf(kRanges), (std::vector<Extent>{{2, 4}, {10, 3}}));
  EXPECT_TRUE(ExtentsOf({}).empty());
}

}  // namespace
}  // namespace tapir::test
