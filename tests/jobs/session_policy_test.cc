#include "tapir/jobs/session_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "container/format.h"
#include "jobs/policed_source.h"
#include "tapir/jobs/list_job.h"
#include "tests/jobs/registry_trees.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;

// A session without policy, one that leaves out what the rules say, and one without again.
class SessionPolicyTest : public testing::Test {
 protected:
  SessionPolicyTest() {
    RegistryKey system = SystemTree();
    AddEntries(system, u"FilesNotToBackup", u"x", {"\\page", "\\*.tmp /s", "\\never"});
    manifest_ = PolicyOf(system);
    Check(volume_.Add({File("a.tmp", "1"), File("b", "old"), File("page", "22")}).status());
    AddShaped({File("a.tmp", "1"), File("b", "new"), File("c.tmp", "333"), File("page", "22")});
    volume_.options().session_records.clear();
    Check(volume_.Add({File("c.tmp", "again")}).status());
    path_ = scratch_.Put("volume", BytesOf(volume_.device()));
  }

  void AddShaped(std::vector<MemoryObject> objects) {
    volume_.options().session_records = {
        {static_cast<uint16_t>(ItemType::kPolicyManifest), Value(EncodePolicyManifest(manifest_))}};
    MemorySource source(std::move(objects));
    PolicedSource policed(source, manifest_);
    Check(volume_.Add(policed).status());
  }

  std::vector<std::string> List(const Selection& selection) {
    std::vector<std::string> lines;
    Check(ListObjects(path_, selection, [&](const ListedEntry& listed) {
            lines.push_back(std::to_string(listed.session_number) + " " + listed.entry.path);
            return OkStatus();
          }).status());
    return lines;
  }

  Scratch scratch_;
  VolumeBuilder volume_;
  PolicyManifest manifest_;
  std::string path_;
};

TEST_F(SessionPolicyTest, SaysWhatEachRuleLeftOut) {
  std::vector<Damage> damages;
  const std::vector<SessionPolicy> policies =
      Value(ReadPolicies(path_, {.sessions = SessionChoice::kAll}, damages));
  EXPECT_TRUE(damages.empty());
  ASSERT_EQ(policies.size(), 1u);
  EXPECT_EQ(policies[0].session_number, 2u);
  EXPECT_EQ(policies[0].manifest.rules.size(), 3u);
  ASSERT_EQ(policies[0].outcomes.size(), 2u);
  EXPECT_EQ(policies[0].outcomes[0].rule, 0u);
  EXPECT_EQ(policies[0].outcomes[0].objects, 1u);
  EXPECT_EQ(policies[0].outcomes[0].bytes, 2u);
  EXPECT_EQ(policies[0].outcomes[1].rule, 1u);
  EXPECT_EQ(policies[0].outcomes[1].objects, 2u);
  EXPECT_EQ(policies[0].outcomes[1].bytes, 4u);
}

TEST_F(SessionPolicyTest, WhatWasLeftOutStaysAsEarlierSessionsHadIt) {
  EXPECT_THAT(List({}), ElementsAre("1 a.tmp", "2 b", "3 c.tmp", "1 page"));
  EXPECT_THAT(List({.sessions = SessionChoice::kLast}), ElementsAre("3 c.tmp"));
  EXPECT_THAT(List({.sessions = SessionChoice::kNumber, .session_number = 2}), ElementsAre("2 b"));
}

TEST_F(SessionPolicyTest, AbsencesOfTheNewestStateAndOfASession) {
  EXPECT_THAT(List({.excluded = true}), ElementsAre("2 a.tmp", "2 page"));
  EXPECT_THAT(List({.sessions = SessionChoice::kNumber, .session_number = 2, .excluded = true}),
              ElementsAre("2 a.tmp", "2 c.tmp", "2 page"));
  EXPECT_THAT(List({.patterns = {"page"}, .excluded = true}), ElementsAre("2 page"));
}

TEST_F(SessionPolicyTest, ASelectionObeysTheLastPolicyOrTheOneGiven) {
  EXPECT_THAT(List({.policy_use = PolicyUse::kOfVolume}), ElementsAre("2 b"));
  RegistryKey system = SystemTree();
  AddEntries(system, u"FilesNotToBackup", u"x", {"\\b"});
  PolicyManifest given = PolicyOf(system);
  given.drives.clear();
  EXPECT_THAT(List({.policy_use = PolicyUse::kGiven, .policy = given}),
              ElementsAre("1 a.tmp", "3 c.tmp", "1 page"));
}

}  // namespace
}  // namespace tapir::test
