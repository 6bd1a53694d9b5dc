#include "tapir/windows/sid.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"

namespace tapir {
namespace {

std::string SidOf(uint8_t revision, std::string_view authority,
                  const std::vector<uint32_t>& subauthorities) {
  std::string bytes;
  WriteCursor write(bytes);
  write.U8(revision);
  write.U8(static_cast<uint8_t>(subauthorities.size()));
  write.Text(authority);
  for (const uint32_t value : subauthorities) write.U32(value);
  return bytes;
}

constexpr std::string_view kNtAuthority("\0\0\0\0\0\x05", 6);

TEST(Sid, AsText) {
  EXPECT_EQ(SidText(AsBytes(SidOf(1, kNtAuthority, {18}))), "S-1-5-18");
  EXPECT_EQ(SidText(AsBytes(SidOf(1, kNtAuthority, {21, 1, 4294967295u, 0, 1001}))),
            "S-1-5-21-1-4294967295-0-1001");
  EXPECT_EQ(SidText(AsBytes(SidOf(1, kNtAuthority, {}))), "S-1-5");
  EXPECT_EQ(SidText(AsBytes(SidOf(1, {"\0\x01\x02\x03\x04\x05", 6}, {7}))), "S-1-0x000102030405-7");
}

TEST(Sid, TakesItsOwnBytesOfMore) {
  const std::string sid = SidOf(1, kNtAuthority, {32, 544});
  EXPECT_EQ(sid.size(), 16U);
  EXPECT_EQ(SidBytes(AsBytes(sid + "more")), 16U);
  EXPECT_EQ(SidText(AsBytes(sid + "more")), "S-1-5-32-544");
  for (size_t size = 0; size < sid.size(); ++size) {
    EXPECT_EQ(SidBytes(AsBytes(sid).first(size)), 0U) << size;
    EXPECT_EQ(SidText(AsBytes(sid).first(size)), std::nullopt) << size;
  }
}

TEST(Sid, RefusesAnotherRevisionAndTooManySubauthorities) {
  EXPECT_EQ(SidBytes(AsBytes(SidOf(2, kNtAuthority, {18}))), 0U);
  EXPECT_EQ(SidBytes(AsBytes(SidOf(1, kNtAuthority, std::vector<uint32_t>(15, 1)))), 68U);
  EXPECT_EQ(SidBytes(AsBytes(SidOf(1, kNtAuthority, std::vector<uint32_t>(16, 1)))), 0U);
}

}  // namespace
}  // namespace tapir
