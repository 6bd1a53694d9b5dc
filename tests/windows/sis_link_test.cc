#include "tapir/windows/sis_link.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

using test::Value;

TEST(SisLink, ShowsItsFields) {
  const std::string bytes = test::SampleSisReparse(2, 0x0003000000000456);
  ASSERT_EQ(bytes.size(), 72U);
  const auto fields = ReadSisLink(AsBytes(bytes));
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ(fields->version, 5U);
  EXPECT_EQ(fields->store_file, test::SampleGuid(2));
  EXPECT_EQ(fields->link_index, 1000U);
  EXPECT_EQ(fields->link_file.record(), 0x123U);
  EXPECT_EQ(fields->link_file.sequence(), 2U);
  EXPECT_EQ(fields->store_reference.record(), 0x456U);
  EXPECT_EQ(fields->store_reference.sequence(), 3U);
  EXPECT_EQ(fields->contents_checksum, 0x1111111111111111U);
  EXPECT_EQ(fields->structure_checksum, 0x2222222222222222U);
}

TEST(SisLink, AnotherLayoutIsALinkAllTheSame) {
  const std::string data(63, 'x');
  const std::string other = Value(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(data)}));
  EXPECT_TRUE(IsSisLink(AsBytes(other)));
  EXPECT_FALSE(ReadSisLink(AsBytes(other)).has_value());
  std::string zero = test::SampleSisReparse(1);
  zero.replace(16, 16, 16, '\0');
  EXPECT_TRUE(IsSisLink(AsBytes(zero)));
  EXPECT_FALSE(ReadSisLink(AsBytes(zero)).has_value());
}

TEST(SisLink, AnotherTagOrAWrongLengthIsNone) {
  const std::string bytes = test::SampleSisReparse(1);
  EXPECT_TRUE(IsSisLink(AsBytes(bytes)));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(IsSisLink(AsBytes(bytes).first(size))) << size;
    EXPECT_FALSE(ReadSisLink(AsBytes(bytes).first(size)).has_value()) << size;
  }
  for (size_t at = 0; at < 6; ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    EXPECT_FALSE(IsSisLink(AsBytes(flipped))) << at;
  }
}

TEST(SisName, IsAGuidInAnySpelling) {
  const std::string text = GuidText(test::SampleGuid(10));
  std::string upper = text;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& name : {text + ".sis", upper + ".SIS", "{" + upper + "}.Sis",
                                  "SIS Common Store/" + text + ".sis"}) {
    EXPECT_EQ(SisNameGuid(name), test::SampleGuid(10)) << name;
    EXPECT_EQ(SisStoreName(name), text + ".sis") << name;
  }
  for (const std::string& name : {text, text + ".si", "{" + text + ".sis", std::string(".sis"),
                                  std::string("MaxIndex"), text + ".sis/other"}) {
    EXPECT_EQ(SisNameGuid(name), std::nullopt) << name;
  }
  EXPECT_EQ(SisStoreName("SIS Common Store/MaxIndex"), "MaxIndex");
}

}  // namespace
}  // namespace tapir
