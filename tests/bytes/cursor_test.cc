#include "bytes/cursor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

namespace tapir::test {
namespace {

std::string Coded(uint64_t value) {
  std::string out;
  WriteCursor(out).Varint(value);
  return out;
}

TEST(Cursor, VarintEdgesRoundTripInShortestForm) {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    uint64_t power = bits == 64 ? 0 : uint64_t{1} << bits;
    for (uint64_t value : {power - 1, power, power + 1}) {
      std::string coded = Coded(value);
      size_t significant = static_cast<size_t>(std::bit_width(value));
      EXPECT_EQ(coded.size(), std::max<size_t>((significant + 6) / 7, 1)) << value;
      ReadCursor in(AsBytes(coded));
      EXPECT_EQ(in.Varint(), value);
      EXPECT_TRUE(in.ok());
      EXPECT_EQ(in.remaining(), 0u);
      for (size_t length = 0; length < coded.size(); ++length) {
        ReadCursor cut(AsBytes(coded).first(length));
        EXPECT_EQ(cut.Varint(), 0u);
        EXPECT_FALSE(cut.ok());
      }
    }
  }
}

TEST(Cursor, OtherFormsOfVarintsAreRefused) {
  std::string ten(9, '\xFF');
  const std::string forms[] = {std::string("\x80\x00", 2),
                               std::string("\xFF\x00", 2),
                               std::string("\x80\x80\x00", 3),
                               std::string(9, '\x80') + std::string(1, '\0'),
                               ten + "\x02",
                               ten + "\x03",
                               ten + "\x7F",
                               ten + "\x81",
                               ten + "\x81\x01",
                               std::string(11, '\x80')};
  for (const std::string& bad : forms) {
    ReadCursor in(AsBytes(bad));
    EXPECT_EQ(in.Varint(), 0u);
    EXPECT_FALSE(in.ok()) << testing::PrintToString(bad);
  }
  std::string greatest = ten + "\x01";
  ReadCursor largest(AsBytes(greatest));
  EXPECT_EQ(largest.Varint(), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(largest.ok());
}

TEST(Cursor, ZigZagCoversAllSignedValues) {
  const std::pair<int64_t, uint64_t> known[] = {{0, 0}, {-1, 1}, {1, 2}, {-2, 3}, {2, 4}};
  for (auto [value, coded] : known) {
    std::string out;
    WriteCursor(out).ZigZag(value);
    EXPECT_EQ(out, Coded(coded));
  }
  for (int64_t value :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::min() + 1, int64_t{-1},
        std::numeric_limits<int64_t>::max()}) {
    std::string out;
    WriteCursor(out).ZigZag(value);
    ReadCursor in(AsBytes(out));
    EXPECT_EQ(in.ZigZag(), value);
    EXPECT_TRUE(in.ok() && in.remaining() == 0);
  }
}

TEST(Cursor, FieldsRoundTrip) {
  std::string out;
  WriteCursor to(out);
  to.U8(0x12);
  to.U16(0x3456);
  to.U32(0x789ABCDE);
  to.U64(0x0123456789ABCDEF);
  to.I64(-2);
  to.Text("text");
  to.Zeros(3);
  to.PadTo(8);
  EXPECT_EQ(out.size(), 32u);
  EXPECT_EQ(out.substr(0, 7), "\x12\x56\x34\xDE\xBC\x9A\x78");
  ReadCursor in(AsBytes(out));
  EXPECT_EQ(in.U8(), 0x12);
  EXPECT_EQ(in.U16(), 0x3456);
  EXPECT_EQ(in.U32(), 0x789ABCDEu);
  EXPECT_EQ(in.U64(), 0x0123456789ABCDEFu);
  EXPECT_EQ(in.I64(), -2);
  EXPECT_EQ(in.ReadText(4), "text");
  EXPECT_EQ(in.position(), 27u);
  in.Zeros(5);
  EXPECT_TRUE(in.ok());
}

TEST(Cursor, StaysFailedOnceAReadReachesOverTheEnd) {
  std::string bytes(7, 'x');
  ReadCursor in(AsBytes(bytes));
  EXPECT_EQ(in.U64(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0u);
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_TRUE(in.ReadBytes(0).empty());
  EXPECT_TRUE(in.ReadRest().empty());
  EXPECT_FALSE(in.ok());
  ReadCursor huge(AsBytes(bytes));
  EXPECT_TRUE(huge.ReadBytes(std::numeric_limits<size_t>::max()).empty());
  EXPECT_FALSE(huge.ok());
}

TEST(Cursor, ZerosFindsEachByteThatIsNot) {
  for (size_t size = 0; size < 70; ++size) {
    std::vector<std::byte> bytes(size);
    EXPECT_TRUE(AllZero(bytes));
    for (size_t at = 0; at < size; ++at) {
      bytes[at] = std::byte{0x80};
      EXPECT_FALSE(AllZero(bytes)) << at << " of " << size;
      ReadCursor in(bytes);
      in.Zeros(size);
      EXPECT_FALSE(in.ok());
      bytes[at] = std::byte{0};
    }
  }
}

}  // namespace
}  // namespace tapir::test
