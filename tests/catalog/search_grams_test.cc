#include "catalog/search_grams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes/utf8.h"

namespace tapir::test {
namespace {

using catalog::CoveringGrams;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SearchGrams, CoverTheWhole) {
  EXPECT_THAT(CoveringGrams("ABC"), ElementsAre("ABC"));
  EXPECT_THAT(CoveringGrams("ABCD"), ElementsAre("ABC", "BCD"));
  EXPECT_THAT(CoveringGrams("ABCDEF"), ElementsAre("ABC", "DEF"));
  EXPECT_THAT(CoveringGrams("ABCDEFG"), ElementsAre("ABC", "DEF", "EFG"));
}

TEST(SearchGrams, AreNotOfShortForms) {
  for (const char* form : {"", "A", "AB", "\xC3\x84",
                           "\xC3\x84"
                           "B",
                           "\xF0\x9F\x98\x80"}) {
    EXPECT_THAT(CoveringGrams(form), IsEmpty()) << form;
  }
}

TEST(SearchGrams, AreOfCharactersNotBytes) {
  EXPECT_THAT(CoveringGrams("\xC3\x84\xE6\x97\xA5\xF0\x9F\x98\x80"
                            "A"),
              ElementsAre("\xC3\x84\xE6\x97\xA5\xF0\x9F\x98\x80",
                          "\xE6\x97\xA5\xF0\x9F\x98\x80"
                          "A"));
}

// Every character of the form is in one of them, and all are parts of it.
TEST(SearchGrams, OfAnyLength) {
  std::string form;
  for (int length = 0; length < 40; ++length) {
    std::vector<bool> covered(form.size());
    for (const std::string& gram : CoveringGrams(form)) {
      const size_t at = form.find(gram);
      ASSERT_NE(at, std::string::npos);
      std::fill_n(covered.begin() + static_cast<ptrdiff_t>(at), gram.size(), true);
    }
    if (length >= 3) {
      EXPECT_THAT(covered, testing::Each(true)) << form;
    }
    AppendCodePoint(form, static_cast<uint32_t>(0x60 + 40 * length));
  }
}

}  // namespace
}  // namespace tapir::test
