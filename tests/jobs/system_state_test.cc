#include "tapir/jobs/system_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tapir/jobs/archive_job.h"
#include "tapir/target/directory_files.h"
#include "tapir/windows/guid.h"
#include "tests/jobs/registry_trees.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/hive_samples.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::u16string_view kManager = u"ControlSet001\\Control\\Session Manager";
constexpr std::u16string_view kStateKey =
    u"ControlSet001\\Control\\BackupRestore\\SystemStateRestore";
constexpr std::u16string_view kAsrKey =
    u"Microsoft\\Windows NT\\CurrentVersion\\ASR\\RestoreSession";
constexpr std::u16string_view kStatusKey = u"Microsoft\\Windows NT\\CurrentVersion\\SystemRestore";
constexpr char kVolumeName[] = "\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}";

RegistryValue BytesValue(std::u16string_view name, const std::string& data) {
  return {std::u16string(name), 3, data, 0};
}

std::string TextAt(const RegistryKey& root, std::u16string_view key, std::u16string_view name) {
  const RegistryKey* at = root.Find(key);
  const RegistryValue* value = at == nullptr ? nullptr : at->value(name);
  if (value == nullptr) return "(none)";
  std::string text;
  for (const std::string& one : RegistryStrings(*value).value_or(std::vector<std::string>())) {
    text += (text.empty() ? "" : "|") + one;
  }
  return text;
}

class SystemStateTest : public testing::Test {
 protected:
  SystemStateTest() {
    session_ = SystemTree();
    RegistryKey sample = SampleTree();
    sample.name = u"Sample";
    session_.SetSubkey(std::move(sample));
    AddEntries(session_, u"KeysNotToRestore", u"Mount Manager", {"MountedDevices\\"});
    session_.Make(u"MountedDevices").SetValue(BytesValue(u"\\DosDevices\\C:", "of the session"));
    session_.Make(u"MountedDevices").SetValue(BytesValue(u"\\DosDevices\\D:", "too"));
    existing_ = SystemTree();
    existing_.Make(u"OnlyOfTheTarget");
    existing_.Make(u"MountedDevices").SetValue(BytesValue(u"\\DosDevices\\E:", "disk"));
    existing_.Make(u"MountedDevices")
        .SetValue(BytesValue(u"\\??\\Volume{01234567-89ab-cdef-0123-456789abcdef}", "disk"));
  }

  static std::string In(const std::string& name) { return "Windows/System32/config/" + name; }

  void PutHives(const std::string& tree, const RegistryKey& system, uint32_t sequence) {
    HiveDescription description;
    description.sequence = sequence;
    scratch_.Put(tree + "/" + In("SYSTEM"), Value(BuildHive(system, description)));
    scratch_.Put(tree + "/" + In("SOFTWARE"), Value(BuildHive(SoftwareTree(), description)));
  }

  void ArchiveTree() {
    ArchiveRequest request;
    request.volume = scratch_.At("volume");
    request.source.base_directory = scratch_.At("session");
    request.source.paths = {"."};
    request.source.reporter = request.session.reporter = &reporter_;
    Check(Archive(request).status());
  }
  // Both sides as they are now.
  void Prepare() {
    PutHives("session", session_, 7);
    PutHives("target", existing_, 90);
    ArchiveTree();
  }

  Result<SystemStateReport> TryRestore() {
    request_.restore.volume = scratch_.At("volume");
    request_.restore.target.directory = scratch_.At("target");
    request_.restore.target.overwrite = true;
    request_.restore.target.reporter = &reporter_;
    request_.open_files = [this](bool) { return OpenDirectoryFiles(scratch_.At("target")); };
    request_.ambient = &ambient_;
    request_.take_decision = [this](const KeyDecision& decision) {
      decisions_.push_back(decision.text);
    };
    decisions_.clear();
    return RestoreSystemState(request_);
  }
  SystemStateReport RestoreState() { return Value(TryRestore()); }

  std::string Contents(const std::string& name) const {
    std::ifstream file(scratch_.At("target/" + name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  HiveContents Hive(const std::string& name) const {
    return Value(ReadHive({Contents(In(name)), Contents(In(name) + ".LOG1"), {}, {}}));
  }
  std::vector<std::string> NamesInRoot() const {
    std::vector<std::string> names;
    for (const auto& one : std::filesystem::directory_iterator(scratch_.At("target"))) {
      names.push_back(one.path().filename());
    }
    return names;
  }
  std::string Notices() const {
    std::string all;
    for (const auto& one : reporter_.notices()) all += one.subject + ": " + one.text + "\n";
    return all;
  }

  Scratch scratch_;
  CollectingReporter reporter_;
  FixedAmbient ambient_;
  SystemStateRequest request_;
  RegistryKey session_;
  RegistryKey existing_;
  std::vector<std::string> decisions_;
};

TEST_F(SystemStateTest, KeepsWhatTheRulesSayAndRestoresTheRest) {
  scratch_.Put("session/" + In("SYSTEM.LOG1"), "a log of the session");
  scratch_.Put("target/" + In("SYSTEM.LOG1"), "a log of the target");
  Prepare();
  const SystemStateReport report = RestoreState();
  const HiveContents merged = Hive("SYSTEM");
  RegistryKey wanted = session_;
  wanted.SetSubkey(*existing_.subkey(u"MountedDevices"));
  const RegistryKey* state = merged.root.Find(kStateKey);
  ASSERT_NE(state, nullptr);
  wanted.Make(kStateKey) = *state;
  EXPECT_TRUE(merged.root == wanted);
  EXPECT_EQ(TextAt(merged.root, kStateKey, u"LastRestoreId"), report.restore_id);
  EXPECT_TRUE(ParseGuid(report.restore_id).has_value()) << report.restore_id;
  EXPECT_EQ(merged.description.sequence, 91u);
  EXPECT_THAT(decisions_, ElementsAre("kept from the target"));
  EXPECT_THAT(report.hives, ElementsAre(In("SYSTEM"), In("SOFTWARE")));
  EXPECT_TRUE(Hive("SOFTWARE").root == SoftwareTree());
  EXPECT_EQ(Contents(In("SYSTEM.LOG1")), "");
  EXPECT_THAT(NamesInRoot(), ElementsAre("Windows"));

  const std::string first_id = report.restore_id;
  EXPECT_NE(RestoreState().restore_id, first_id);
  RegistryKey again = Hive("SYSTEM").root;
  again.Make(kStateKey) = *state;
  EXPECT_TRUE(again == wanted) << "the second generation differs";
}

TEST_F(SystemStateTest, NewKeysHaveTheSecurityOfTheKeyAbove) {
  const auto security = std::make_shared<const std::string>(std::string(64, 's'));
  const std::function<void(RegistryKey&)> secure = [&](RegistryKey& key) {
    key.security = security;
    for (RegistryKey& subkey : key.subkeys) secure(subkey);
  };
  secure(session_);
  Prepare();
  RestoreState();
  const HiveContents merged = Hive("SYSTEM");
  const RegistryKey* made = merged.root.Find(kStateKey);
  ASSERT_NE(made, nullptr);
  ASSERT_NE(made->security, nullptr);
  EXPECT_EQ(*made->security, *security);
}

TEST_F(SystemStateTest, WithoutHivesOnTheTargetThoseOfTheSessionArePlaced) {
  PutHives("session", session_, 7);
  ArchiveTree();
  const SystemStateReport report = RestoreState();
  EXPECT_THAT(report.hives, ElementsAre(In("SYSTEM")));
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, u"MountedDevices", u"x"), "(none)");
  EXPECT_EQ(Hive("SYSTEM").root.subkey(u"MountedDevices")->values.size(), 2u);
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, kStateKey, u"LastRestoreId"), report.restore_id);
}

TEST_F(SystemStateTest, BareMetalTellsOfVolumesAndNotOfARestore) {
  request_.bare_metal = true;
  request_.mounted_device = "disk";
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_EQ(report.restore_id, "");
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, kStateKey, u"LastRestoreId"), "(none)");
  EXPECT_EQ(TextAt(Hive("SOFTWARE").root, kAsrKey, u"RestoredVolumes"), kVolumeName);
  EXPECT_EQ(TextAt(Hive("SOFTWARE").root, kAsrKey, u"LastInstance"), report.last_instance);

  const std::string other = "\\\\?\\Volume{fedcba98-7654-3210-fedc-ba9876543210}";
  request_.restored_volumes = {other};
  RestoreState();
  EXPECT_EQ(TextAt(Hive("SOFTWARE").root, kAsrKey, u"RestoredVolumes"),
            std::string(kVolumeName) + "|" + other);
  request_.restored_volumes = {"C:"};
  EXPECT_THAT(TryRestore(), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(SystemStateTest, BareMetalWithoutANameOfTheVolumeIsWarnedOf) {
  request_.bare_metal = true;
  Prepare();
  RestoreState();
  EXPECT_THAT(Notices(), HasSubstr("MountedDevices has no name of the volume"));
}

TEST_F(SystemStateTest, SysvolIsWrittenAsDocumented) {
  request_.sysvol = "authoritative";
  Prepare();
  RestoreState();
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, u"ControlSet001\\Services\\DFSR\\Restore", u"SYSVOL"),
            "authoritative");
  request_.sysvol = "often";
  const std::string before = Contents(In("SYSTEM"));
  EXPECT_THAT(TryRestore(), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Contents(In("SYSTEM")), before);
}

TEST_F(SystemStateTest, AnotherControlSetForTheNextStartIsWarnedOf) {
  session_.Make(u"Select").SetValue(MakeRegistryNumber(u"Default", 2));
  session_.Make(u"ControlSet002");
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_THAT(Notices(), HasSubstr("the restored registry starts another control set next"));
  EXPECT_EQ(TextAt(Hive("SYSTEM").root,
                   u"ControlSet002\\Control\\BackupRestore\\SystemStateRestore", u"LastRestoreId"),
            report.restore_id);
}

TEST_F(SystemStateTest, WithoutAHiveInTheSessionNothingIsRestored) {
  PutHives("target", existing_, 90);
  const std::string before = Contents(In("SYSTEM"));
  scratch_.Put("session/file", "x");
  ArchiveTree();
  EXPECT_THAT(TryRestore(), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(Contents(In("SYSTEM")), before);
  EXPECT_THAT(NamesInRoot(), ElementsAre("Windows"));
}

TEST_F(SystemStateTest, ADamagedHiveOfTheTargetIsNamedBeforeAnything) {
  Prepare();
  scratch_.Put("session/file", "x");
  scratch_.Put("target/" + In("SYSTEM"), "no hive at all");
  const Result<SystemStateReport> report = TryRestore();
  EXPECT_THAT(report, HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(report.status().message(), HasSubstr("of the target"));
  EXPECT_EQ(Contents(In("SYSTEM")), "no hive at all");
}

TEST_F(SystemStateTest, ADamagedHiveOfTheSessionLeavesThatOfTheTarget) {
  PutHives("session", session_, 7);
  PutHives("target", existing_, 90);
  scratch_.Put("session/" + In("SYSTEM"), Contents(In("SYSTEM")).substr(0, 5000));
  ArchiveTree();
  const std::string before = Contents(In("SYSTEM"));
  const Result<SystemStateReport> report = TryRestore();
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.status().message(), HasSubstr("of the session"));
  EXPECT_EQ(Contents(In("SYSTEM")), before);
}

TEST_F(SystemStateTest, WhatAKilledRunLeftIsPutBackFirst) {
  Prepare();
  const std::string old = Contents(In("SYSTEM"));
  scratch_.Put("target/" + In("SYSTEM"), "half of a hi");
  scratch_.Put("target/" + In("SYSTEM.tapir-old"), old);
  RestoreState();
  EXPECT_THAT(Notices(), HasSubstr("put back as it was"));
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, u"MountedDevices", u"\\DosDevices\\C:"), "(none)");
  EXPECT_EQ(Contents(In("SYSTEM.tapir-old")), "");
}

// Another file has the contents of a hive, which the archive holds once.
TEST_F(SystemStateTest, CopiesOfAHiveAreRestoredThoughItIsHeldBack) {
  Prepare();
  std::filesystem::remove(scratch_.At("volume"));
  session_.Make(u"Large").SetValue(BytesValue(u"x", std::string(5'000'000, 'x')));
  PutHives("session", session_, 7);
  std::filesystem::create_directories(scratch_.At("session/" + In("Z")));
  std::filesystem::copy(scratch_.At("session/" + In("SYSTEM")),
                        scratch_.At("session/" + In("Z/SYSTEM")));
  ArchiveTree();
  RestoreState();
  EXPECT_EQ(Contents(In("Z/SYSTEM")), Value(BuildHive(session_, {.sequence = 7})));
}

class PendingFilesTest : public SystemStateTest {
 protected:
  PendingFilesTest() {
    scratch_.Put("session/Windows/System32/a b.dll", "new a");
    scratch_.Put("session/Windows/System32/c.dll", "new c");
    scratch_.Put("target/Windows/System32/A B.dll", "old a");
    request_.pending = {"System32/*.dll"};
  }
};

TEST_F(PendingFilesTest, WaitForTheNextStartWhereSrdelayedIs) {
  scratch_.Put("target/Windows/System32/srdelayed.exe", "the program");
  SetText(session_.Make(kManager), u"SetupExecute", "earlier", kRegMultiSz);
  request_.mounted_device = "disk";
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_TRUE(report.at_next_start);
  EXPECT_THAT(report.pending, ElementsAre("Windows/System32/a b.dll", "Windows/System32/c.dll"));
  EXPECT_EQ(Contents("Windows/System32/A B.dll"), "old a");
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, kManager, u"SetupExecute"),
            "earlier|E:\\Windows\\System32\\srdelayed.exe \\??\\E:\\" + report.operations_file);

  // What Windows will do with them.
  DelayedBytes file(Contents(report.operations_file));
  const auto files = Value(OpenDirectoryFiles(scratch_.At("target")));
  DelayedRunRequest run;
  run.file = &file;
  run.volumes["E:"] = files.get();
  const DelayedRunReport done = Value(RunDelayedOperations(run));
  EXPECT_EQ(done.failed, 0u);
  EXPECT_EQ(Contents("Windows/System32/a b.dll"), "new a");
  EXPECT_EQ(Contents("Windows/System32/c.dll"), "new c");
  EXPECT_FALSE(std::filesystem::exists(scratch_.At("target/" + report.staging_directory)));
}

TEST_F(PendingFilesTest, AreCarriedOutAtOnceWhereItIsNot) {
  Prepare();
  const SystemStateReport report = RestoreState();
  ASSERT_TRUE(report.run.has_value());
  EXPECT_EQ(report.run->failed, 0u);
  EXPECT_EQ(Contents("Windows/System32/a b.dll"), "new a");
  EXPECT_EQ(Contents("Windows/System32/A B.dll"), "");
  EXPECT_EQ(TextAt(Hive("SYSTEM").root, kManager, u"SetupExecute"), "(none)");
  const HiveContents software = Hive("SOFTWARE");
  const RegistryKey* status = software.root.Find(kStatusKey);
  ASSERT_NE(status, nullptr);
  EXPECT_EQ(status->value(u"RestoreStatusResult")->number(), 0u);
  EXPECT_EQ(status->value(u"RestoreStatusDetails"), nullptr);
  uint64_t succeeded = 0;
  DelayedBytes file(Contents(report.operations_file));
  Check(ReadDelayedOperations(
      file,
      [&](const DelayedOperation& one, const DelayedOperationsReader&) {
        if (one.status == 0u) ++succeeded;
      },
      [](const Finding&) {}));
  EXPECT_EQ(succeeded, 4u);
}

/// A directory in which one file is in use.
class TargetInUse final : public ObjectTarget {
 public:
  TargetInUse(std::unique_ptr<ObjectTarget> target, std::string path)
      : target_(std::move(target)), path_(std::move(path)) {}
  Status MakeDirectory(const Metadata& metadata) override {
    return target_->MakeDirectory(metadata);
  }
  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override {
    if (metadata.path == path_) return Status::FromErrno(EBUSY, "cannot create");
    return target_->MakeFile(metadata, contents);
  }
  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override {
    if (metadata.path == path_) return Status::FromErrno(ETXTBSY, "cannot create");
    return target_->OpenFile(metadata);
  }
  Status MakeNode(const Metadata& metadata) override { return target_->MakeNode(metadata); }
  Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) override {
    return target_->MakeHardLink(primary_path, metadata);
  }
  Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                            std::span<std::byte> buffer) override {
    return target_->ReadBack(path, offset_bytes, buffer);
  }
  Status Remove(const std::string& path) override { return target_->Remove(path); }
  Status Finish() override { return target_->Finish(); }

 private:
  std::unique_ptr<ObjectTarget> target_;
  std::string path_;
};

TEST_F(PendingFilesTest, FilesThatAreInUseAreStagedUnasked) {
  for (const std::string& contents : {std::string("small"), std::string(40'000'000, 'L')}) {
    std::filesystem::remove(scratch_.At("volume"));
    scratch_.Put("session/Windows/System32/c.dll", contents);
    scratch_.Put("target/Windows/System32/c.dll", "old");
    request_.pending.clear();
    request_.restore.open_target = [this]() -> Result<std::unique_ptr<ObjectTarget>> {
      PosixTargetOptions options;
      options.directory = scratch_.At("target");
      options.overwrite = true;
      options.reporter = &reporter_;
      TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PosixTarget> target, PosixTarget::Open(options));
      return std::unique_ptr<ObjectTarget>(
          std::make_unique<TargetInUse>(std::move(target), "Windows/System32/c.dll"));
    };
    Prepare();
    const SystemStateReport report = RestoreState();
    EXPECT_EQ(report.restore.failed, 0u) << Notices();
    EXPECT_THAT(report.pending, ElementsAre("Windows/System32/c.dll"));
    EXPECT_TRUE(Contents("Windows/System32/c.dll") == contents);
  }
}

TEST_F(PendingFilesTest, HardLinksGoWithThem) {
  std::filesystem::create_hard_link(scratch_.At("session/Windows/System32/c.dll"),
                                    scratch_.At("session/Windows/linked"));
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_EQ(report.run->failed, 0u);
  EXPECT_EQ(std::filesystem::hard_link_count(scratch_.At("target/Windows/linked")), 2u);
  EXPECT_TRUE(std::filesystem::equivalent(scratch_.At("target/Windows/linked"),
                                          scratch_.At("target/Windows/System32/c.dll")));
}

TEST_F(PendingFilesTest, FailuresAreInTheRegistry) {
  // What is in the way is no file, and not empty.
  scratch_.Put("target/Windows/System32/c.dll/x", "in the way");
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_EQ(report.run->failed, 1u);
  EXPECT_EQ(report.run->restore_status_result, 1u);
  const HiveContents software = Hive("SOFTWARE");
  const RegistryKey* status = software.root.Find(kStatusKey);
  ASSERT_NE(status, nullptr);
  EXPECT_EQ(status->value(u"RestoreStatusResult")->number(), 1u);
  EXPECT_EQ(status->value(u"RestoreStatusDetails")->number(), 0xC0000101u);
  EXPECT_EQ(Contents("Windows/System32/c.dll/x"), "in the way");
}

TEST_F(SystemStateTest, DifferencesThatAreMeantAreToldFromOthers) {
  SystemStateReport report;
  report.hives = {In("SYSTEM")};
  report.pending = {"Windows/x.dll"};
  report.at_next_start = true;
  const auto meant = [&](DifferenceKind kind, const std::string& path) {
    return IsMeantBySystemState(report, {kind, path, ""});
  };
  EXPECT_TRUE(meant(DifferenceKind::kContent, "WINDOWS/system32/config/system"));
  EXPECT_TRUE(meant(DifferenceKind::kContent, In("SYSTEM.LOG2")));
  EXPECT_TRUE(meant(DifferenceKind::kTimes, "Windows/System32/config"));
  EXPECT_FALSE(meant(DifferenceKind::kSecurity, "Windows/System32/config"));
  EXPECT_FALSE(meant(DifferenceKind::kContent, In("SOFTWARE")));
  EXPECT_TRUE(meant(DifferenceKind::kMissing, "Windows/x.dll"));
  EXPECT_TRUE(meant(DifferenceKind::kTimes, "."));
  report.at_next_start = false;
  EXPECT_FALSE(meant(DifferenceKind::kMissing, "Windows/x.dll"));
  EXPECT_TRUE(meant(DifferenceKind::kTimes, "Windows/x.dll"));
}

}  // namespace
}  // namespace tapir::test
