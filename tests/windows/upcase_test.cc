#include "tapir/windows/upcase.h"

#include <gtest/gtest.h>

namespace tapir {
namespace {

TEST(Upcase, NamesOfManyLanguages) {
  EXPECT_EQ(Upcase(u"abc xyz 019 ABC"), u"ABC XYZ 019 ABC");
  EXPECT_EQ(Upcase(u"äöüßé"), u"ÄÖÜßÉ");
  EXPECT_EQ(Upcase(u"ÿ"), u"Ÿ");
  EXPECT_EQ(Upcase(u"āĂą"), u"ĀĂĄ");
  EXPECT_EQ(Upcase(u"αβγ абв"), u"ΑΒΓ АБВ");
  EXPECT_EQ(Upcase(u"ａｚ"), u"ＡＺ");
  EXPECT_EQ(Upcase(u"×÷中"), u"×÷中");
}

TEST(Upcase, OnceIsEnoughAndSurrogatesStay) {
  for (uint32_t unit = 0; unit < 0x10000; ++unit) {
    const auto one = static_cast<char16_t>(unit);
    ASSERT_EQ(Upcase(Upcase(one)), Upcase(one)) << unit;
    if (unit >= 0xD800 && unit < 0xE000) {
      ASSERT_EQ(Upcase(one), one);
    }
  }
}

}  // namespace
}  // namespace tapir
