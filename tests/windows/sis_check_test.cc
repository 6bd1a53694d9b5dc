#include "tapir/windows/sis_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

ArchivedSisLink SoundLink() {
  return {.path = "a", .reparse = test::SampleSisReparse(1), .size_bytes = 100, .needed = {"one"}};
}

ArchivedSisStoreFile SoundFile() { return {.name = "one", .size_bytes = 100, .digest = "d"}; }

// Expects exactly one finding.
void ExpectOne(const ArchivedSisLink& link, const std::vector<ArchivedSisStoreFile>& files,
               SisRule rule, Severity severity) {
  const std::vector<SisFinding> findings = CheckSis({link}, files);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, rule) << findings[0].finding.text;
  EXPECT_EQ(findings[0].finding.severity, severity) << findings[0].finding.text;
}

TEST(SisCheck, FindsNothingInWhatIsSound) {
  ArchivedSisStoreFile earlier = SoundFile();
  earlier.pass = 1;
  EXPECT_EQ(CheckSis({SoundLink(), SoundLink()}, {SoundFile(), earlier}),
            std::vector<SisFinding>());
}

TEST(SisCheck, ReparseData) {
  ArchivedSisLink link = SoundLink();
  link.reparse += 'x';
  ExpectOne(link, {SoundFile()}, SisRule::kReparseData, Severity::kReject);
  link.reparse = test::Value(BuildReparse({.tag = kReparseTagSymlink}));
  ExpectOne(link, {SoundFile()}, SisRule::kReparseData, Severity::kReject);
  link.reparse = test::Value(BuildReparse({.tag = kReparseTagSis}));
  ExpectOne(link, {SoundFile()}, SisRule::kLayout, Severity::kInfo);
  link.reparse = test::SampleSisReparse(1);
  link.reparse[12] = 1;
  ExpectOne(link, {SoundFile()}, SisRule::kLayout, Severity::kInfo);
}

TEST(SisCheck, Attributes) {
  for (int which = 0; which < 3; ++which) {
    ArchivedSisLink link = SoundLink();
    (which == 0 ? link.is_regular : which == 1 ? link.is_sparse : link.is_reparse) = false;
    ExpectOne(link, {SoundFile()}, SisRule::kAttributes, Severity::kWarning);
  }
  ArchivedSisLink link = SoundLink();
  link.has_extended_attributes = true;
  ExpectOne(link, {SoundFile()}, SisRule::kEa, Severity::kWarning);
}

TEST(SisCheck, Ranges) {
  ArchivedSisLink link = SoundLink();
  link.allocated = {{0, 10}, {20, 80}};
  ExpectOne(link, {SoundFile()}, SisRule::kPartial, Severity::kWarning);
  const std::vector<std::vector<ArchivedSisLink::Range>> wrong = {
      {{0, 10}, {9, 5}}, {{50, 51}}, {{101, 0}}, {{50, UINT64_MAX}}, {{UINT64_MAX, 1}}};
  for (const auto& ranges : wrong) {
    link.allocated = ranges;
    ExpectOne(link, {SoundFile()}, SisRule::kRanges, Severity::kReject);
  }
}

TEST(SisCheck, Edges) {
  ArchivedSisLink link = SoundLink();
  ExpectOne(link, {}, SisRule::kUnresolvable, Severity::kError);
  link.needed = {};
  ExpectOne(link, {SoundFile()}, SisRule::kUnresolvable, Severity::kError);
  link.needed = {"one", "two"};
  ExpectOne(link, {SoundFile()}, SisRule::kUnresolvable, Severity::kError);
  link.needed = {"one"};
  link.size_bytes = 99;
  ExpectOne(link, {SoundFile()}, SisRule::kSize, Severity::kWarning);
}

TEST(SisCheck, StoreFiles) {
  ExpectOne(SoundLink(), {SoundFile(), SoundFile()}, SisRule::kStoredTwice, Severity::kWarning);
  ArchivedSisStoreFile earlier = SoundFile();
  earlier.pass = 1;
  earlier.digest = "e";
  ExpectOne(SoundLink(), {SoundFile(), earlier}, SisRule::kOtherContents, Severity::kError);
  earlier.digest = "";
  EXPECT_TRUE(CheckSis({}, {SoundFile(), earlier}).empty());
  earlier.size_bytes = 101;
  ExpectOne(SoundLink(), {SoundFile(), earlier}, SisRule::kOtherContents, Severity::kError);
  // Contents that are known only later are compared too.
  ArchivedSisStoreFile unknown = SoundFile();
  unknown.digest = "";
  ArchivedSisStoreFile last = SoundFile();
  last.pass = 2;
  last.digest = "f";
  ArchivedSisStoreFile middle = SoundFile();
  middle.pass = 1;
  ExpectOne(SoundLink(), {unknown, middle, last}, SisRule::kOtherContents, Severity::kError);
}

}  // namespace
}  // namespace tapir
