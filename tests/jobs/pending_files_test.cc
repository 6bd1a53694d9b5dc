#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "tapir/target/posix_target.h"
#include "tests/jobs/system_state_fixture.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::u16string_view kManager = u"ControlSet001\\Control\\Session Manager";
constexpr std::u16string_view kStatusKey = u"Microsoft\\Windows NT\\CurrentVersion\\SystemRestore";

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

TEST_F(PendingFilesTest, TheResultStandsInTheSoftwareOfTheTargetIfTheSessionHasNone) {
  Prepare();
  std::filesystem::remove(scratch_.At("volume"));
  std::filesystem::remove(scratch_.At("session/" + In("SOFTWARE")));
  ArchiveTree();
  const SystemStateReport report = RestoreState();
  EXPECT_THAT(report.hives, ElementsAre(In("SYSTEM"), In("SOFTWARE")));
  EXPECT_THAT(Notices(), HasSubstr("not in the session: that of the target stays"));
  const HiveContents software = Hive("SOFTWARE");
  ASSERT_NE(software.root.Find(kStatusKey), nullptr);
  RegistryKey wanted = SoftwareTree();
  wanted.Make(kStatusKey) = *software.root.Find(kStatusKey);
  EXPECT_TRUE(software.root == wanted);
}

/// When a file that is in use is found to be.
enum class Refusal { kWhenOpened, kWhenComplete };

/// A file whose place cannot be had when it is complete.
class FileInUse final : public TargetFile {
 public:
  explicit FileInUse(std::unique_ptr<TargetFile> file) : file_(std::move(file)) {}
  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    return file_->WriteAt(offset_bytes, data);
  }
  Status Commit(const Metadata&, uint64_t) override {
    return Status::FromErrno(EBUSY, "cannot create");
  }
  Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) override {
    return file_->KeepPartial(metadata, size_bytes);
  }

 private:
  std::unique_ptr<TargetFile> file_;
};

/// A directory in which one file is in use.
class TargetInUse final : public ObjectTarget {
 public:
  TargetInUse(std::unique_ptr<ObjectTarget> target, std::string path, Refusal refusal)
      : target_(std::move(target)), path_(std::move(path)), refusal_(refusal) {}
  Status MakeDirectory(const Metadata& metadata) override {
    return target_->MakeDirectory(metadata);
  }
  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override {
    if (metadata.path == path_) return Status::FromErrno(EBUSY, "cannot create");
    return target_->MakeFile(metadata, contents);
  }
  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override {
    if (metadata.path != path_) return target_->OpenFile(metadata);
    if (refusal_ == Refusal::kWhenOpened) return Status::FromErrno(ETXTBSY, "cannot create");
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<TargetFile> file, target_->OpenFile(metadata));
    return std::unique_ptr<TargetFile>(std::make_unique<FileInUse>(std::move(file)));
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
  Refusal refusal_;
};

class FileInUseTest : public PendingFilesTest,
                      public testing::WithParamInterface<std::pair<Refusal, size_t>> {};

TEST_P(FileInUseTest, IsStagedUnasked) {
  const std::string contents(GetParam().second, 'L');
  scratch_.Put("session/Windows/System32/c.dll", contents);
  scratch_.Put("target/Windows/System32/c.dll", "old");
  request_.pending.clear();
  request_.restore.open_target = [this]() -> Result<std::unique_ptr<ObjectTarget>> {
    PosixTargetOptions options;
    options.directory = scratch_.At("target");
    options.overwrite = true;
    options.reporter = &reporter_;
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PosixTarget> target, PosixTarget::Open(options));
    return std::unique_ptr<ObjectTarget>(std::make_unique<TargetInUse>(
        std::move(target), "Windows/System32/c.dll", GetParam().first));
  };
  Prepare();
  const SystemStateReport report = RestoreState();
  EXPECT_EQ(report.restore.failed, 0u) << Notices();
  EXPECT_THAT(report.pending, ElementsAre("Windows/System32/c.dll"));
  EXPECT_EQ(report.run->failed, 0u);
  EXPECT_TRUE(Contents("Windows/System32/c.dll") == contents);
  EXPECT_EQ(Contents("Windows/System32/c.dll.tapir-partial"), "");
}

INSTANTIATE_TEST_SUITE_P(, FileInUseTest,
                         testing::Values(std::pair(Refusal::kWhenOpened, size_t{5}),
                                         std::pair(Refusal::kWhenOpened, size_t{40'000'000}),
                                         std::pair(Refusal::kWhenComplete, size_t{40'000'000})));

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

}  // namespace
}  // namespace tapir::test
