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

ArchivedSisStoreFile SoundFile() { return {.path = "one", .size_bytes = 100, .digest = "d"}; }

using Files = std::vector<ArchivedSisStoreFile>;

// The files of each pass, and then links in the last one.
std::vector<SisFinding> Check(const std::vector<ArchivedSisLink>& links,
                              const std::vector<Files>& passes) {
  std::vector<SisFinding> findings;
  SisCheck check([&](const SisFinding& finding) { findings.push_back(finding); });
  for (size_t i = 0; i < passes.size(); ++i) {
    if (i > 0) check.EndPass();
    for (const ArchivedSisStoreFile& file : passes[i]) check.AddStoreFile(file);
  }
  for (const ArchivedSisLink& link : links) check.AddLink(link);
  check.EndPass();
  return findings;
}

// Expects exactly one finding.
void ExpectOne(const ArchivedSisLink& link, const std::vector<Files>& passes, SisRule rule,
               Severity severity) {
  const std::vector<SisFinding> findings = Check({link}, passes);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, rule) << findings[0].finding.text;
  EXPECT_EQ(findings[0].finding.severity, severity) << findings[0].finding.text;
}

TEST(SisCheck, FindsNothingInWhatIsSound) {
  EXPECT_EQ(Check({SoundLink(), SoundLink()}, {{SoundFile()}, {SoundFile()}}),
            std::vector<SisFinding>());
  EXPECT_EQ(Check({SoundLink()}, {{SoundFile()}, {}}), std::vector<SisFinding>());
}

TEST(SisCheck, ALinkMayComeBeforeItsStoreFile) {
  std::vector<SisFinding> findings;
  SisCheck check([&](const SisFinding& finding) { findings.push_back(finding); });
  ArchivedSisLink other_size = SoundLink();
  other_size.size_bytes = 99;
  check.AddLink(SoundLink());
  check.AddLink(other_size);
  check.AddStoreFile(SoundFile());
  check.EndPass();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, SisRule::kSize);
}

TEST(SisCheck, OfAPartOfAPassNothingIsMissing) {
  std::vector<SisFinding> findings;
  SisCheck check([&](const SisFinding& finding) { findings.push_back(finding); });
  check.AddLink(SoundLink());
  check.EndPass(false);
  EXPECT_TRUE(findings.empty());
}

TEST(SisCheck, ReparseData) {
  ArchivedSisLink link = SoundLink();
  link.reparse += 'x';
  ExpectOne(link, {{SoundFile()}}, SisRule::kReparseData, Severity::kReject);
  link.reparse = test::Value(BuildReparse({.tag = kReparseTagSymlink}));
  ExpectOne(link, {{SoundFile()}}, SisRule::kReparseData, Severity::kReject);
  link.reparse = test::Value(BuildReparse({.tag = kReparseTagSis}));
  ExpectOne(link, {{SoundFile()}}, SisRule::kLayout, Severity::kInfo);
  link.reparse = test::SampleSisReparse(1);
  link.reparse[12] = 1;
  ExpectOne(link, {{SoundFile()}}, SisRule::kLayout, Severity::kInfo);
}

TEST(SisCheck, Attributes) {
  for (int which = 0; which < 3; ++which) {
    ArchivedSisLink link = SoundLink();
    (which == 0 ? link.is_regular : which == 1 ? link.is_sparse : link.is_reparse) = false;
    ExpectOne(link, {{SoundFile()}}, SisRule::kAttributes, Severity::kWarning);
  }
  ArchivedSisLink link = SoundLink();
  link.has_extended_attributes = true;
  ExpectOne(link, {{SoundFile()}}, SisRule::kEa, Severity::kWarning);
}

TEST(SisCheck, Ranges) {
  ArchivedSisLink link = SoundLink();
  link.allocated = {{0, 10}, {20, 80}};
  ExpectOne(link, {{SoundFile()}}, SisRule::kPartial, Severity::kWarning);
  const std::vector<std::vector<ArchivedSisLink::Range>> wrong = {
      {{0, 10}, {9, 5}}, {{50, 51}}, {{101, 0}}, {{50, UINT64_MAX}}, {{UINT64_MAX, 1}}};
  for (const auto& ranges : wrong) {
    link.allocated = ranges;
    ExpectOne(link, {{SoundFile()}}, SisRule::kRanges, Severity::kReject);
  }
}

TEST(SisCheck, Edges) {
  ArchivedSisLink link = SoundLink();
  ExpectOne(link, {}, SisRule::kUnresolvable, Severity::kError);
  link.needed = {};
  ExpectOne(link, {{SoundFile()}}, SisRule::kUnresolvable, Severity::kError);
  link.needed = {"one", "two"};
  ExpectOne(link, {{SoundFile()}}, SisRule::kUnresolvable, Severity::kError);
  link.needed = {"one"};
  link.size_bytes = 99;
  ExpectOne(link, {{SoundFile()}}, SisRule::kSize, Severity::kWarning);
}

TEST(SisCheck, StoreFiles) {
  ExpectOne(SoundLink(), {{SoundFile(), SoundFile()}}, SisRule::kStoredTwice, Severity::kWarning);
  ArchivedSisStoreFile other = SoundFile();
  other.digest = "e";
  ExpectOne(SoundLink(), {{SoundFile()}, {other}}, SisRule::kOtherContents, Severity::kError);
  other.digest = "";
  EXPECT_TRUE(Check({}, {{SoundFile()}, {other}}).empty());
  other.size_bytes = 101;
  ExpectOne(SoundLink(), {{SoundFile()}, {other}}, SisRule::kOtherContents, Severity::kError);
  // Contents that are known only later are compared too.
  ArchivedSisStoreFile unknown = SoundFile();
  unknown.digest = "";
  ArchivedSisStoreFile last = SoundFile();
  last.digest = "f";
  ExpectOne(SoundLink(), {{unknown}, {SoundFile()}, {last}}, SisRule::kOtherContents,
            Severity::kError);
}

}  // namespace
}  // namespace tapir
