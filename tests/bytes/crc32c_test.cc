#include "bytes/crc32c.h"

#include <gtest/gtest.h>

#include "bytes/big_endian.h"
#include "tests/support/test_bytes.h"

namespace tapir {
namespace {

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(Crc32c(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(Crc32cPortable(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(Crc32c({}), 0u);
  // RFC 3720 B.4: 32 bytes of zeros.
  EXPECT_EQ(Crc32c(AsBytes(std::string(32, '\0'))), 0x8A9136AAu);
}

TEST(Crc32c, BothWaysAgreeOnEveryLengthAndPlace) {
  std::string bytes = test::RandomBytes(300, 1);
  for (size_t from = 0; from < 9; ++from) {
    for (size_t size = 0; size + from <= bytes.size(); ++size) {
      ByteSpan piece = AsBytes(bytes).subspan(from, size);
      ASSERT_EQ(Crc32c(piece), Crc32cPortable(piece)) << from << " " << size;
    }
  }
}

TEST(Crc32c, GoesOnWhereItStopped) {
  std::string bytes = test::RandomBytes(1000, 2);
  ByteSpan all = AsBytes(bytes);
  EXPECT_EQ(Crc32c(all.subspan(333), Crc32c(all.first(333))), Crc32c(all));
  EXPECT_EQ(Crc32cPortable(all.subspan(333), Crc32cPortable(all.first(333))), Crc32c(all));
}

TEST(BigEndian, StoresAndLoads) {
  std::byte bytes[8] = {};
  StoreBe<uint32_t>(bytes, 0x01020304);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(LoadBe<uint32_t>(bytes), 0x01020304u);
  EXPECT_EQ(LoadBe<uint16_t>(bytes + 2), 0x0304u);
  StoreBe24(bytes + 1, 0xFFABCDEF);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(LoadBe24(bytes + 1), 0xABCDEFu);
  EXPECT_EQ(bytes[4], std::byte{0});
  StoreBe<int64_t>(bytes, -2);
  EXPECT_EQ(LoadBe<int64_t>(bytes), -2);
  EXPECT_EQ(LoadBe<int32_t>(bytes + 4), -2);
}

}  // namespace
}  // namespace tapir
