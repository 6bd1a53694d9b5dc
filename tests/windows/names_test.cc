#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tapir/windows/guid.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

TEST(Wtf8, EveryUnitAndEveryPairOfKindsComesBack) {
  for (uint32_t unit = 0; unit < 0x10000; ++unit) {
    const std::u16string one(1, static_cast<char16_t>(unit));
    EXPECT_EQ(Utf16(Wtf8(one)), one) << unit;
  }
  const char16_t kinds[] = {u'a', 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000};
  for (const char16_t a : kinds) {
    for (const char16_t b : kinds) {
      for (const char16_t c : kinds) {
        const std::u16string three = {a, b, c};
        const std::string text = Wtf8(three);
        EXPECT_EQ(Utf16(text), three) << text;
        EXPECT_EQ(Wtf8FromLe(std::as_bytes(std::span(three))), text);
      }
    }
  }
}

TEST(Wtf8, RefusesWhatNoUnitsMake) {
  const std::string_view wrong[] = {"\x80",
                                    "\xC0\x80",
                                    "\xC1\xBF",
                                    "\xE0\x80\x80",
                                    "\xE2\x82",
                                    "\xF0\x80\x80\x80",
                                    "\xF5\x80\x80\x80",
                                    "\xF4\x90\x80\x80",
                                    "a\xFF",
                                    "\xED\xA0\x80\xED\xB0\x80"};
  for (const std::string_view text : wrong) EXPECT_EQ(Utf16(text), std::nullopt) << text;
  EXPECT_EQ(Utf16("\xED\xB0\x80\xED\xA0\x80"), (std::u16string{0xDC00, 0xD800}));
  EXPECT_EQ(Wtf8(u"\U0001F600"), "\xF0\x9F\x98\x80");
}

TEST(Guid, TextAndBack) {
  Guid guid;
  for (size_t i = 0; i < guid.size(); ++i) guid[i] = static_cast<std::byte>(0xF0 + i);
  EXPECT_EQ(GuidText(guid), "f3f2f1f0-f5f4-f7f6-f8f9-fafbfcfdfeff");
  EXPECT_EQ(ParseGuid(GuidText(guid)), guid);
  EXPECT_EQ(ParseGuid("{F3F2F1F0-F5F4-F7F6-F8F9-FAFBFCFDFEFF}"), guid);
  const std::string_view wrong[] = {
      "", "{f3f2f1f0-f5f4-f7f6-f8f9-fafbfcfdfeff", "f3f2f1f0-f5f4-f7f6-f8f9-fafbfcfdfe",
      "f3f2f1f0+f5f4-f7f6-f8f9-fafbfcfdfeff", "f3f2f1f0-f5f4-f7f6-f8f9-fafbfcfdfefg"};
  for (const std::string_view text : wrong) EXPECT_EQ(ParseGuid(text), std::nullopt) << text;
}

}  // namespace
}  // namespace tapir
