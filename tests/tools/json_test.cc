#include "tools/json.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>

#include "tools/damage_text.h"

namespace tapir::cli {
namespace {

TEST(Json, Base64) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foob"), "Zm9vYg==");
  EXPECT_EQ(Base64("\xff\xfe\xfd"), "//79");
}

TEST(Json, Hex) {
  EXPECT_EQ(Hex(std::array{std::byte{0}, std::byte{0xAF}, std::byte{0xFF}}), "00afff");
}

TEST(Json, NamesThatAreUtf8ComeOnce) {
  Json object;
  PutName(object, "path", "a\n\"ö");
  EXPECT_EQ(ToLine(object), "{\"path\":\"a\\n\\\"ö\"}\n");
}

TEST(Json, OtherNamesComeWithTheirBytes) {
  Json object;
  PutName(object, "path", "a\xff");
  EXPECT_EQ(ToLine(object), "{\"path\":\"a\xEF\xBF\xBD\",\"path_base64\":\"Yf8=\"}\n");
}

TEST(Json, FieldsKeepTheirOrder) {
  EXPECT_EQ(ToLine(Json{{"z", 1}, {"a", 2}}), "{\"z\":1,\"a\":2}\n");
}

TEST(Json, NanosecondsBeyond64BitsAreDigits) {
  EXPECT_EQ(Nanoseconds({.seconds = 1, .nanoseconds = 5}).dump(), "1000000005");
  EXPECT_EQ(Nanoseconds({.seconds = -1, .nanoseconds = 500'000'000}).dump(), "-500000000");
  EXPECT_EQ(Nanoseconds({.seconds = std::numeric_limits<int64_t>::max(), .nanoseconds = 1}).dump(),
            "\"9223372036854775807000000001\"");
  EXPECT_EQ(Nanoseconds({.seconds = std::numeric_limits<int64_t>::min()}).dump(),
            "\"-9223372036854775808000000000\"");
}

TEST(DamageText, NamesKindPlaceAndPath) {
  const Damage damage{.kind = DamageKind::kBlock,
                      .object = 17,
                      .unit = 4096,
                      .length_bytes = 8192,
                      .session_number = 2,
                      .text = "the checksum differs",
                      .path = "a\nb"};
  EXPECT_EQ(DamageAsText(damage),
            "block, session 2, block 17, unit 4096 (byte 16777216, 8192 bytes), 'a\\nb': the "
            "checksum differs");
  EXPECT_EQ(ToLine(DamageAsObject(damage)),
            "{\"kind\":\"block\",\"session\":2,\"place\":{\"object\":17,\"unit\":4096,\"offset\":"
            "16777216,\"length\":8192},\"path\":\"a\\nb\",\"text\":\"the checksum differs\"}\n");
}

}  // namespace
}  // namespace tapir::cli
