#include "tapir/windows/security_descriptor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/ea_list.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

struct Change {
  size_t at;
  char value;
  uint64_t found_at;
};

// Head 20, owner at 20, group at 32, SACL at 44 (8 + 20), DACL at 72 (8 + 20 + 40).
TEST(SecurityDescriptor, EachRuleOnce) {
  const std::string good = test::SampleSecurity();
  ASSERT_EQ(good.size(), 140U);
  EXPECT_EQ(CheckSecurityDescriptor(AsBytes(good)), std::vector<Finding>());
  const Change changes[] = {
      {0, 2, 0},          // revision
      {3, 0, 2},          // self-relative
      {4, 19, 0},         // owner in the head
      {5, 1, 0},          // owner behind the end
      {20, 2, 20},        // owner's revision
      {32 + 1, 16, 32},   // group's subauthorities
      {44, 9, 44},        // SACL's revision
      {44 + 2, 7, 44},    // SACL shorter than its head
      {44 + 3, 1, 44},    // SACL longer than what follows
      {44 + 4, 2, 72},    // more entries than there are
      {52 + 2, 3, 52},    // an entry shorter than its head
      {52 + 2, 21, 52},   // an entry longer than its list
      {52 + 2, 18, 52},   // an entry that is not aligned
      {52 + 8, 3, 52},    // an entry's SID
      {100 + 8, 3, 100},  // an object entry with both GUIDs has no room for the SID
      {12, 0x7F, 0x7F},   // SACL elsewhere: what lies there is no list
      {17, 1, 0},         // DACL behind the end
  };
  for (const Change& change : changes) {
    std::string bad = good;
    bad[change.at] = change.value;
    const std::vector<Finding> findings = CheckSecurityDescriptor(AsBytes(bad));
    ASSERT_FALSE(findings.empty()) << change.at;
    EXPECT_EQ(findings[0].offset, change.found_at) << change.at << ": " << findings[0].text;
    EXPECT_EQ(findings[0].severity, Severity::kReject) << change.at;
  }
}

TEST(SecurityDescriptor, EntriesOfAnyTypeAreAligned) {
  std::string bytes = test::SampleSecurity();
  bytes[52] = 0x55;  // a type that is not known, so that nothing inside is read
  EXPECT_EQ(CheckSecurityDescriptor(AsBytes(bytes)), std::vector<Finding>());
  bytes[52 + 2] = 16;
  EXPECT_EQ(CheckSecurityDescriptor(AsBytes(bytes)), std::vector<Finding>());
  bytes[52 + 2] = 18;
  EXPECT_EQ(CheckSecurityDescriptor(AsBytes(bytes)).size(), 1U);
}

TEST(SecurityDescriptor, TruncatedAnywhere) {
  const std::string good = test::SampleSecurity();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(CheckSecurityDescriptor(AsBytes(good).first(size)).empty()) << size;
  }
}

TEST(SecurityDescriptor, ListsMayBeMissing) {
  std::string bytes(20, '\0');
  bytes[0] = 1;
  bytes[2] = 0x14;
  bytes[3] = '\x80';
  EXPECT_EQ(CheckSecurityDescriptor(AsBytes(bytes)), std::vector<Finding>());
}

TEST(SecurityDescriptor, AnyChangedByteIsReadInBounds) {
  const std::string good = test::SampleSecurity();
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int value : {0, 1, 0x7F, 0xFF}) {
      // A copy of just this size: a sanitizer sees what reads past it.
      std::vector<char> bad(good.begin(), good.end());
      bad[at] = static_cast<char>(value);
      for (const Finding& finding : CheckSecurityDescriptor(std::as_bytes(std::span(bad)))) {
        EXPECT_LE(finding.offset, bad.size());
      }
    }
  }
}

// The entries of SampleEa(): 0..19 and 20..34.
TEST(EaList, EachRuleOnce) {
  const std::string good = test::SampleEa();
  ASSERT_EQ(good.size(), 35U);
  EXPECT_EQ(CheckEaList(AsBytes(good)), std::vector<Finding>());
  struct EaChange {
    size_t at;
    char value;
    uint64_t found_at;
    Severity severity;
  };
  const EaChange changes[] = {
      {0, 22, 0, Severity::kReject},       // not aligned
      {0, 16, 0, Severity::kReject},       // inside the entry
      {0, 40, 0, Severity::kReject},       // outside
      {1, 1, 0, Severity::kReject},        // far outside
      {20, 4, 20, Severity::kReject},      // no end
      {20 + 5, 7, 20, Severity::kReject},  // name too long
      {20 + 5, 5, 20, Severity::kReject},  // no terminator
      {20 + 6, 1, 20, Severity::kReject},  // value too long
      {20 + 5, 0, 20, Severity::kReject},  // neither name nor terminator
      {8, '\x1F', 0, Severity::kWarning}, {8, '*', 0, Severity::kWarning},
      {4, 1, 4, Severity::kWarning},      {0, 0, 19, Severity::kWarning},  // bytes after the last
  };
  for (const EaChange& change : changes) {
    std::string bad = good;
    bad[change.at] = change.value;
    const std::vector<Finding> findings = CheckEaList(AsBytes(bad));
    ASSERT_EQ(findings.size(), 1U) << change.at;
    EXPECT_EQ(findings[0].offset, change.found_at) << change.at;
    EXPECT_EQ(findings[0].severity, change.severity) << change.at;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    const std::vector<Finding> findings = CheckEaList(AsBytes(good).first(size));
    ASSERT_FALSE(findings.empty()) << size;
    EXPECT_EQ(findings.back().severity, Severity::kReject) << size;
  }
}

TEST(EaList, AnEmptyNameAndTooManyBytes) {
  EXPECT_EQ(CheckEaList(AsBytes(std::string(9, '\0'))).size(), 1U);
  std::string large(
      "\0\0\0\0\0\1\xFF\xFF"
      "A\0",
      10);
  large.resize(10 + 65535, 'v');
  const std::vector<Finding> findings = CheckEaList(AsBytes(large));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
}

}  // namespace
}  // namespace tapir
