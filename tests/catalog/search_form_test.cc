#include "tapir/catalog/search_form.h"

#include <gtest/gtest.h>

#include "bytes/utf8.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using catalog::SearchForm;

TEST(SearchForm, HasNoCase) {
  EXPECT_EQ(SearchForm("IMG_0001.jpg"), "IMG_0001.JPG");
  EXPECT_EQ(SearchForm("\xC3\xA4\xC3\x84"), "\xC3\x84\xC3\x84");
  EXPECT_EQ(SearchForm("\xD0\xBF\xD0\x9F"), "\xD0\x9F\xD0\x9F");
  EXPECT_EQ(SearchForm(""), "");
  // Outside the table of 16-bit characters all stay.
  EXPECT_EQ(SearchForm("\xF0\x9F\x98\x80\xF0\x90\x90\xA8"), "\xF0\x9F\x98\x80\xF0\x90\x90\xA8");
  EXPECT_EQ(SearchForm("1[{@`\x7F"), "1[{@`\x7F");
}

TEST(SearchForm, IsUtf8WhateverItIsOf) {
  EXPECT_EQ(SearchForm("a\xFF"
                       "b"),
            "A\xEF\xBF\xBD"
            "B");
  EXPECT_EQ(SearchForm("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(SearchForm("\xC3"), "\xEF\xBF\xBD");
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const std::string form = SearchForm(RandomBytes(seed % 40, seed));
    for (size_t at = 0; at < form.size();) {
      const CodePoint code = FirstCodePoint(std::string_view(form).substr(at));
      ASSERT_GT(code.bytes, 0u);
      ASSERT_FALSE(IsSurrogate(code.value));
      at += code.bytes;
    }
    EXPECT_EQ(SearchForm(form), form);
  }
}

TEST(SearchForm, ThatOfAPartIsPartOfThatOfTheWhole) {
  const std::string whole =
      "stra\xC3\x9F"
      "e \xFF\xC4\xB1 na\xC3\xAFve \xF0\x9F\x98\x80.txt";
  for (size_t from = 0; from < whole.size(); ++from) {
    const bool inside = (static_cast<uint8_t>(whole[from]) & 0xC0) == 0x80;
    for (size_t to = from + 1; !inside && to <= whole.size(); ++to) {
      const bool cuts = to < whole.size() && (static_cast<uint8_t>(whole[to]) & 0xC0) == 0x80;
      if (cuts) continue;
      const std::string part = SearchForm(whole.substr(from, to - from));
      EXPECT_NE(SearchForm(whole).find(part), std::string::npos) << from << " " << to;
    }
  }
}

}  // namespace
}  // namespace tapir::test
