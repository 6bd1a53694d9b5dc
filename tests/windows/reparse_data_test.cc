#include "tapir/windows/reparse_data.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

using test::HasCode;
using test::IsOk;
using test::Value;

TEST(ReparseData, ComesBackWithAndWithoutGuid) {
  const std::string data = "some data";
  const ReparseView own = {.tag = 0x80000013, .reserved = 7, .data = AsBytes(data)};
  const ReparseView other = {.tag = 0x00000042, .guid = test::SampleGuid(3), .data = AsBytes(data)};
  for (const ReparseView& wanted : {own, other}) {
    const std::string bytes = Value(BuildReparse(wanted));
    EXPECT_EQ(bytes.size(), (wanted.guid ? 24U : 8U) + data.size());
    const ReparseView got = Value(ParseReparse(AsBytes(bytes)));
    EXPECT_EQ(got.tag, wanted.tag);
    EXPECT_EQ(got.reserved, wanted.reserved);
    EXPECT_EQ(got.guid, wanted.guid);
    EXPECT_EQ(AsText(got.data), data);
  }
}

TEST(ReparseData, RefusesAnyLengthThatDoesNotFit) {
  const std::string bytes = test::SampleSisReparse(1);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ParseReparse(AsBytes(bytes).first(size)),
                HasCode(size < 8 ? StatusCode::kTruncated : StatusCode::kCorrupt))
        << size;
  }
  EXPECT_THAT(ParseReparse(AsBytes(bytes + "x")), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(ParseReparse(AsBytes(std::string(23, '\0'))), HasCode(StatusCode::kTruncated));
  EXPECT_THAT(ParseReparse(AsBytes(std::string(24, '\0'))), IsOk());
}

TEST(ReparseData, HoldsTheLimit) {
  const std::string most(kMaxReparseBytes - 8, 'd');
  const std::string bytes = Value(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(most)}));
  EXPECT_THAT(ParseReparse(AsBytes(bytes)), IsOk());
  EXPECT_THAT(ParseReparse(AsBytes(bytes + "x")), HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(most + "x")}),
              HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(BuildReparse({.tag = 0x42, .guid = test::SampleGuid(1), .data = AsBytes(most)}),
              HasCode(StatusCode::kLimitExceeded));
}

TEST(ReparseData, GuidBelongsToForeignTagsOnly) {
  EXPECT_THAT(BuildReparse({.tag = 0x42}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(BuildReparse({.tag = kReparseTagSis, .guid = test::SampleGuid(1)}),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(ReparseData, NamesAndBitsOfTags) {
  EXPECT_EQ(ReparseTagName(kReparseTagSis), "SIS link");
  EXPECT_EQ(ReparseTagName(kReparseTagSymlink), "symbolic link");
  EXPECT_EQ(ReparseTagName(0x12345678), "");
  EXPECT_FALSE(IsNameSurrogateTag(kReparseTagSis));
  EXPECT_TRUE(IsMicrosoftReparseTag(kReparseTagSis));
  EXPECT_FALSE(IsDirectoryReparseTag(kReparseTagSis));
  EXPECT_TRUE(IsNameSurrogateTag(kReparseTagMountPoint));
  EXPECT_TRUE(IsDirectoryReparseTag(0x9000001A));
  EXPECT_FALSE(IsMicrosoftReparseTag(0x42));
}

TEST(ReparseTarget, LinksComeBack) {
  const ReparseTarget targets[] = {{"\\??\\C:\\folder", "C:\\folder", false},
                                   {"..\\x", "..\\x", true},
                                   {"", "", false},
                                   {"\xED\xA0\x80 lone", "\xF0\x9F\x98\x80", false}};
  for (const ReparseTarget& target : targets) {
    EXPECT_EQ(Value(ParseReparseTarget(AsBytes(Value(BuildSymlink(target))))), target);
    if (target.relative) continue;
    EXPECT_EQ(Value(ParseReparseTarget(AsBytes(Value(BuildMountPoint(target))))), target);
  }
}

TEST(ReparseTarget, ReadsWhatWindowsWrites) {
  // mklink link target: the print name stands first.
  const std::string bytes = Value(BuildSymlink({"ab", "c", true}));
  EXPECT_EQ(bytes,
            std::string("\x0C\0\0\xA0\x12\0\0\0\x02\0\x04\0\0\0\x02\0\x01\0\0\0c\0a\0b\0", 26));
  const std::string junction = Value(BuildMountPoint({"ab", "c", false}));
  EXPECT_EQ(junction,
            std::string("\x03\0\0\xA0\x12\0\0\0\0\0\x04\0\x06\0\x02\0a\0b\0\0\0c\0\0\0", 26));
}

TEST(ReparseTarget, RefusesWhatCannotBeSaid) {
  EXPECT_THAT(BuildSymlink({"\xFF", "", false}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(BuildMountPoint({"a", "\xFF", false}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(BuildMountPoint({"a", "a", true}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(BuildSymlink({std::string(8182, 'a'), "", false}), IsOk());
  EXPECT_THAT(BuildSymlink({std::string(8183, 'a'), "", false}),
              HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(BuildMountPoint({std::string(8182, 'a'), "", false}), IsOk());
  EXPECT_THAT(BuildMountPoint({std::string(8183, 'a'), "", false}),
              HasCode(StatusCode::kLimitExceeded));
  EXPECT_THAT(ParseReparseTarget(AsBytes(test::SampleSisReparse(1))),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(ReparseTarget, NamesOutsideTheDataAreFound) {
  const std::string good = Value(BuildSymlink({"ab", "c", false}));
  EXPECT_TRUE(CheckReparse(AsBytes(good)).empty());
  for (const size_t field : {8U, 10U, 12U, 14U}) {
    std::string bad = good;
    bad[field] = 100;
    EXPECT_THAT(ParseReparseTarget(AsBytes(bad)), HasCode(StatusCode::kCorrupt)) << field;
    const std::vector<Finding> findings = CheckReparse(AsBytes(bad));
    ASSERT_EQ(findings.size(), 1U) << field;
    EXPECT_EQ(findings[0].severity, Severity::kError);
    bad[field] = 1;
    EXPECT_THAT(ParseReparseTarget(AsBytes(bad)), HasCode(StatusCode::kCorrupt)) << field;
  }
}

TEST(ReparseData, ChecksReservedFields) {
  std::string bytes = Value(BuildReparse({.tag = 1, .guid = test::SampleGuid(1)}));
  bytes[6] = 1;
  const std::vector<Finding> findings = CheckReparse(AsBytes(bytes));
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].offset, 0U);
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_EQ(findings[1].offset, 6U);
  const std::vector<Finding> rejected = CheckReparse(AsBytes(bytes).first(5));
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].severity, Severity::kReject);
}

}  // namespace
}  // namespace tapir
