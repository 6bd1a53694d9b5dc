#include "tapir/jobs/hive_update.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tapir/target/directory_files.h"
#include "tests/jobs/registry_trees.h"
#include "tests/support/failing_files.h"
#include "tests/support/hive_samples.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string HiveOf(const RegistryKey& root) { return Value(BuildHive(root, {})); }

class HiveUpdateTest : public testing::Test {
 protected:
  HiveUpdateTest() { Reset(); }

  void Reset() {
    std::filesystem::remove_all(scratch_.At("c"));
    for (const auto& [name, bytes] : old_) scratch_.Put("c/" + name, bytes);
    *fault_ = {.calls_before = UINT64_MAX};
  }
  Result<std::unique_ptr<VolumeFiles>> OpenFaulty() {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<VolumeFiles> files,
                           OpenDirectoryFiles(scratch_.At("c")));
    return std::unique_ptr<VolumeFiles>(std::make_unique<FailingFiles>(std::move(files), fault_));
  }
  Status Replace() {
    return ReplaceHives([this](bool) { return OpenFaulty(); }, changes_);
  }
  std::vector<std::string> PutBack() {
    *fault_ = {.calls_before = UINT64_MAX};
    return Value(PutBackHives([this](bool) { return OpenFaulty(); }, {"SYSTEM", "SOFTWARE"}));
  }
  std::string Contents(const std::string& name) const {
    return BytesOfFile(scratch_.At("c/" + name));
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_.At("c"))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  bool IsOld() const {
    return std::all_of(old_.begin(), old_.end(),
                       [this](const auto& one) { return Contents(one.first) == one.second; });
  }
  bool IsNew() const {
    return Contents("SYSTEM") == new_system_ && Contents("SOFTWARE") == new_software_ &&
           Contents("SYSTEM.LOG1").empty();
  }
  // It ended while the old ones were deleted: the first hive begins anew.
  bool IsHalfway() const {
    return Contents("SYSTEM") == old_.at("SYSTEM") && Contents("SYSTEM.LOG1") == "a log" &&
           Contents("SOFTWARE") == new_software_;
  }
  bool IsTidy() const { return Names().size() == old_.size(); }
  // What a killed run must leave behind.
  bool IsKept(const std::string& hive) const {
    return Contents(hive) == old_.at(hive) || Contents(hive + ".tapir-old") == old_.at(hive);
  }

  Scratch scratch_;
  std::shared_ptr<FileFault> fault_ = std::make_shared<FileFault>();
  const std::map<std::string, std::string> old_ = {{"SYSTEM", HiveOf(SystemTree())},
                                                   {"SYSTEM.LOG1", "a log"},
                                                   {"SOFTWARE", HiveOf(SoftwareTree())}};
  const std::vector<HiveChange> changes_ = {{"SYSTEM", SampleTree(), SampleHiveDescription()},
                                            {"SOFTWARE", RandomTree(1, 50), {}}};
  const std::string new_system_ = Value(BuildHive(SampleTree(), SampleHiveDescription()));
  const std::string new_software_ = HiveOf(RandomTree(1, 50));
};

TEST_F(HiveUpdateTest, ReplacesAndTidiesUp) {
  ASSERT_THAT(Replace(), IsOk());
  EXPECT_TRUE(IsNew());
  EXPECT_THAT(Names(), UnorderedElementsAre("SYSTEM", "SYSTEM.LOG1", "SOFTWARE"));
  EXPECT_THAT(PutBack(), IsEmpty());
  EXPECT_TRUE(IsNew());
}

TEST_F(HiveUpdateTest, ATreeThatNoHiveCanHoldTouchesNothing) {
  std::vector<HiveChange> changes = changes_;
  changes[1].root.subkeys.insert(changes[1].root.subkeys.begin(), RegistryKey(u"zzz"));
  *fault_ = {.calls_before = 0};
  EXPECT_THAT(ReplaceHives([this](bool) { return OpenFaulty(); }, changes),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_TRUE(IsOld() && IsTidy());
}

// A disk that is full, or refuses, at any call.
TEST_F(HiveUpdateTest, AFailureAnywherePutsTheOldOnesBack) {
  uint64_t call = 0;
  bool ended = false;
  for (; !ended; ++call) {
    Reset();
    *fault_ = {.calls_before = call};
    const Status replaced = Replace();
    ended = replaced.ok();
    if (ended) {
      EXPECT_TRUE(IsNew() && IsTidy()) << call;
      continue;
    }
    EXPECT_THAT(replaced.message(), HasSubstr("the test has it fail"));
    if (!IsTidy()) PutBack();
    EXPECT_TRUE(IsOld() || IsNew() || IsHalfway()) << call << ": " << replaced.message();
    EXPECT_TRUE(IsTidy()) << call;
  }
  EXPECT_GT(call, 15u);
}

TEST_F(HiveUpdateTest, AfterBeingKilledAtAnyMomentTheOldOnesArePutBack) {
  uint64_t call = 0;
  uint64_t put_back = 0;
  bool ended = false;
  for (; !ended; ++call) {
    Reset();
    *fault_ = {.calls_before = call, .is_death = true};
    ended = Replace().ok();
    if (!ended && !IsNew()) {
      EXPECT_TRUE(IsKept("SYSTEM")) << call;
      EXPECT_TRUE(IsKept("SOFTWARE")) << call;
    }
    put_back += PutBack().size();
    EXPECT_TRUE(IsOld() || IsNew() || IsHalfway()) << call;
    EXPECT_TRUE(IsTidy()) << call;
  }
  EXPECT_GT(call, 15u);
  EXPECT_GT(put_back, 5u);
}

TEST_F(HiveUpdateTest, WhatWasLeftIsPutBackWithItsLogs) {
  scratch_.Put("c/SYSTEM", "half of a hi");
  scratch_.Put("c/SYSTEM.LOG1", "");
  scratch_.Put("c/SYSTEM.tapir-old", old_.at("SYSTEM"));
  scratch_.Put("c/SYSTEM.LOG1.tapir-old", "a log");
  scratch_.Put("c/SOFTWARE.tapir-part", "half of a co");
  EXPECT_THAT(PutBack(), ElementsAre("SYSTEM"));
  EXPECT_TRUE(IsOld() && IsTidy());
}

}  // namespace
}  // namespace tapir::test
