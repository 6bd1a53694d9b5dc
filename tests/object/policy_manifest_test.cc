#include "tapir/object/policy_manifest.h"

#include <gtest/gtest.h>

#include "bytes/cursor.h"
#include "tapir/base/limits.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using test::HasCode;
using test::IsOk;
using test::Value;

PolicyManifest Sample() {
  PolicyManifest manifest;
  manifest.plain_wildcards = true;
  PolicyInput hive{.form = PolicyInput::Form::kHive, .replayed = true, .size = 4096};
  hive.sha256[31] = std::byte{7};
  hive.name = "ntfs:c.img/Windows/System32/config/SYSTEM";
  manifest.inputs = {hive, {.form = PolicyInput::Form::kRuleList, .stale = true, .name = "rules"}};
  manifest.values = {
      {0, 7, "SYSTEM\\ControlSet001\\X", "Memory Page File", std::string("a\0\0\0", 4)},
      {1, 4, "", "", ""}};
  manifest.rules = {
      {PolicyRule::List::kNotToBackup, PolicyRule::State::kApplies, 0, 0, "\\Pagefile.sys", ""},
      {PolicyRule::List::kNotToSnapshot, PolicyRule::State::kInert, 1, 3, "x", "no"},
      {PolicyRule::List::kKeysNotToRestore, PolicyRule::State::kWriterHere, 1, 0,
       "MountedDevices\\", "why"}};
  manifest.variables = {{"SystemRoot", "C:\\Windows"}, {"empty", ""}};
  manifest.profiles = {"C:\\Users\\ann"};
  manifest.drives = {{u'C', ".", "."}, {0, "data", "inside/it"}};
  manifest.writers = {"Task Scheduler Writer"};
  manifest.warnings = {"one", "two"};
  return manifest;
}

// Two manifests are the same if their bytes are.
TEST(PolicyManifest, ComesBackAsItWas) {
  const std::string body = Value(EncodePolicyManifest(Sample()));
  const PolicyManifest read = Value(DecodePolicyManifest(body));
  EXPECT_EQ(Value(EncodePolicyManifest(read)), body);
  EXPECT_TRUE(read.plain_wildcards);
  ASSERT_EQ(read.inputs.size(), 2u);
  EXPECT_TRUE(read.inputs[0].replayed);
  EXPECT_TRUE(read.inputs[1].stale);
  EXPECT_EQ(read.inputs[0].sha256[31], std::byte{7});
  EXPECT_EQ(read.values[0].data, std::string("a\0\0\0", 4));
  EXPECT_EQ(read.rules[1].reason, "no");
  EXPECT_EQ(read.rules[2].text, "MountedDevices\\");
  EXPECT_EQ(read.variables[0].value, "C:\\Windows");
  EXPECT_EQ(read.drives[1].inside, "inside/it");
  EXPECT_EQ(read.drives[0].letter, u'C');
  EXPECT_EQ(read.warnings, (std::vector<std::string>{"one", "two"}));
}

TEST(PolicyManifest, CutAndFlippedItFailsOrIsWhole) {
  const std::string body = Value(EncodePolicyManifest(Sample()));
  for (size_t cut = 0; cut < body.size(); ++cut) {
    Result<PolicyManifest> read = DecodePolicyManifest(body.substr(0, cut));
    if (!read.ok()) continue;
    EXPECT_THAT(EncodePolicyManifest(*read), IsOk());
  }
  for (size_t bit = 0; bit < 8 * body.size(); ++bit) {
    std::string flipped = body;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    Result<PolicyManifest> read = DecodePolicyManifest(flipped);
    if (!read.ok()) continue;
    for (const PolicyRule& rule : read->rules) EXPECT_LT(rule.value, read->values.size());
    for (const PolicyValue& value : read->values) EXPECT_LT(value.input, read->inputs.size());
  }
}

TEST(PolicyManifest, WhatIsNamedHasToBeThere) {
  PolicyManifest manifest = Sample();
  manifest.rules[0].value = 2;
  EXPECT_THAT(DecodePolicyManifest(Value(EncodePolicyManifest(manifest))),
              HasCode(StatusCode::kCorrupt));
  manifest = Sample();
  manifest.values[0].input = 2;
  EXPECT_THAT(DecodePolicyManifest(Value(EncodePolicyManifest(manifest))),
              HasCode(StatusCode::kCorrupt));
}

TEST(PolicyManifest, HasLimits) {
  PolicyManifest manifest = Sample();
  manifest.values[0].data.assign(limits::kMaxPolicyBytes, 'x');
  EXPECT_THAT(EncodePolicyManifest(manifest), HasCode(StatusCode::kLimitExceeded));
  manifest = Sample();
  manifest.rules.resize(limits::kMaxPolicyRules + 1);
  EXPECT_THAT(EncodePolicyManifest(manifest), HasCode(StatusCode::kLimitExceeded));
}

TEST(PolicyManifest, OfUnknownAttributesOnlyTheRequiredOnesMatter) {
  const std::string body = Value(EncodePolicyManifest(Sample()));
  std::string with_unknown = body;
  WriteCursor to(with_unknown);
  to.U16(0x03FF);
  to.U16(0);
  to.U32(0);
  const PolicyManifest read = Value(DecodePolicyManifest(with_unknown));
  EXPECT_EQ(Value(EncodePolicyManifest(read)), body);
  with_unknown[body.size() + 2] = 1;
  EXPECT_THAT(DecodePolicyManifest(with_unknown), HasCode(StatusCode::kUnsupported));
}

}  // namespace
}  // namespace tapir
