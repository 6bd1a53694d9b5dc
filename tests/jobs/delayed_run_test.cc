#include "tapir/jobs/delayed_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/target/directory_files.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kVolume[] = "Volume{01234567-89ab-cdef-0123-456789abcdef}";

std::string OnC(const std::string& path) { return "\\??\\C:\\" + path; }

DelayedOperation MoveTo(const std::string& from, const std::string& to) {
  return {DelayedKind::kMoveFile, OnC(from), OnC(to), {}};
}
DelayedOperation Deletion(const std::string& path) {
  return {DelayedKind::kDeleteFile, {}, OnC(path), {}};
}
DelayedOperation ShortNameOf(const std::string& name, const std::string& path) {
  return {DelayedKind::kSetFileShortName, name, OnC(path), {}};
}

class DelayedRunTest : public testing::Test {
 protected:
  DelayedRunTest() {
    scratch_.Put("c/Stage/a.dll", "new");
    scratch_.Put("c/Stage/b.dll", "other");
    scratch_.Put("c/Windows/a.dll", "old");
    scratch_.Put("d/x", "of another volume");
    c_ = Value(OpenDirectoryFiles(scratch_.At("c")));
    d_ = Value(OpenDirectoryFiles(scratch_.At("d")));
    request_.volumes = {{"c:", c_.get()}, {"D:", d_.get()}};
    request_.on_record = [this](const DelayedRecord& record) { records_.push_back(record); };
  }

  DelayedRunReport Run(DelayedBytes& file) {
    records_.clear();
    request_.file = &file;
    return Value(RunDelayedOperations(request_));
  }
  DelayedRunReport RunAll(const std::vector<DelayedOperation>& operations) {
    file_ = std::make_unique<DelayedBytes>(Value(BuildDelayedOperations(operations)));
    return Run(*file_);
  }

  // Of what the file holds now; nothing: NotExecuted.
  std::vector<std::optional<uint64_t>> Statuses() {
    std::vector<std::optional<uint64_t>> statuses;
    Check(ReadDelayedOperations(
        *file_,
        [&](const DelayedOperation& operation, const DelayedOperationsReader&) {
          statuses.push_back(operation.status);
        },
        [](const Finding& finding) { ADD_FAILURE() << finding.text; }));
    return statuses;
  }

  std::string Contents(const std::string& name) const {
    std::ifstream file(scratch_.At(name), std::ios::binary);
    if (!file) return "(nothing)";
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Scratch scratch_;
  std::unique_ptr<VolumeFiles> c_;
  std::unique_ptr<VolumeFiles> d_;
  std::unique_ptr<DelayedBytes> file_;
  std::vector<DelayedRecord> records_;
  DelayedRunRequest request_;
};

TEST_F(DelayedRunTest, CarriesOutInOrder) {
  const DelayedRunReport report =
      RunAll({Deletion("windows\\A.DLL"), MoveTo("Stage\\a.dll", "Windows\\a.dll"),
              Deletion("Stage\\b.dll"), Deletion("Stage")});
  EXPECT_EQ(report.done, 4u);
  EXPECT_EQ(report.restore_status_result, 0u);
  EXPECT_EQ(report.restore_status_details, 0u);
  EXPECT_EQ(Contents("c/Windows/a.dll"), "new");
  EXPECT_FALSE(std::filesystem::exists(scratch_.At("c/Stage")));
  EXPECT_THAT(Statuses(), ElementsAre(0u, 0u, 0u, 0u));
  ASSERT_EQ(records_.size(), 4u);
  EXPECT_EQ(records_[1].number, 2u);
  EXPECT_EQ(records_[1].outcome, DelayedOutcome::kDone);
  EXPECT_EQ(records_[1].offset_bytes, 2 * std::string("DeleteFile|Unused|\\??\\C:\\windows\\A.DLL|"
                                                      "NotExecuted|")
                                              .size());
}

TEST_F(DelayedRunTest, AFailedMoveStopsAndAFailedShortNameDoesNot) {
  const DelayedRunReport report =
      RunAll({ShortNameOf("A~1.DLL", "Stage\\a.dll"), MoveTo("Stage\\a.dll", "Windows\\a.dll"),
              Deletion("Stage\\b.dll")});
  EXPECT_TRUE(report.stopped);
  EXPECT_EQ(report.failed, 2u);
  EXPECT_EQ(report.not_reached, 1u);
  EXPECT_EQ(report.restore_status_result, 1u);
  EXPECT_EQ(report.restore_status_details, 0xC00000BBu);
  EXPECT_THAT(Statuses(), ElementsAre(0xC00000BBu, 0xC0000035u, std::nullopt));
  EXPECT_EQ(Contents("c/Windows/a.dll"), "old");
  EXPECT_EQ(Contents("c/Stage/b.dll"), "other");
  EXPECT_EQ(records_.back().outcome, DelayedOutcome::kNotReached);
}

TEST_F(DelayedRunTest, FailuresAreTheOnesOfWindows) {
  const auto status_of = [&](const DelayedOperation& operation) {
    RunAll({operation});
    return Statuses().front();
  };
  EXPECT_EQ(status_of(Deletion("none")), 0xC0000034u);
  EXPECT_EQ(status_of(Deletion("none\\x")), 0xC000003Au);
  EXPECT_EQ(status_of(Deletion("Stage")), 0xC0000101u);
  EXPECT_EQ(status_of(MoveTo("Stage", "Elsewhere")), 0xC00000BAu);
  EXPECT_EQ(status_of({DelayedKind::kDeleteFile, {}, "\\??\\E:\\x", {}}), 0xC000003Au);
  const std::string by_guid = std::string("\\??\\") + kVolume + "\\x";
  EXPECT_EQ(status_of({DelayedKind::kMoveFile, by_guid, OnC("x"), {}}), 0xC000003Au);
  request_.volumes.emplace(kVolume, d_.get());
  EXPECT_EQ(status_of({DelayedKind::kMoveFile, by_guid, OnC("x"), {}}), 0xC00000D4u);
  EXPECT_EQ(status_of({DelayedKind::kMoveFile, by_guid, "\\??\\d:\\y", {}}), 0u);
  EXPECT_EQ(Contents("d/y"), "of another volume");
}

TEST_F(DelayedRunTest, GoesOnWhereItWasInterrupted) {
  const std::vector<DelayedOperation> operations = {Deletion("Windows\\a.dll"),
                                                    MoveTo("Stage\\a.dll", "Windows\\a.dll"),
                                                    Deletion("Stage\\b.dll")};
  std::atomic<bool> cancelled = false;
  request_.cancelled = &cancelled;
  request_.on_record = [&](const DelayedRecord&) { cancelled = true; };
  DelayedRunReport report = RunAll(operations);
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.done, 1u);
  EXPECT_EQ(report.not_reached, 2u);
  EXPECT_EQ(report.restore_status_details, 0xC0000120u);
  EXPECT_THAT(Statuses(), ElementsAre(0u, std::nullopt, std::nullopt));
  cancelled = false;
  request_.on_record = nullptr;
  report = Run(*file_);
  EXPECT_EQ(report.earlier, 1u);
  EXPECT_EQ(report.done, 2u);
  EXPECT_EQ(report.restore_status_result, 0u);
  EXPECT_EQ(Contents("c/Windows/a.dll"), "new");
  EXPECT_THAT(Statuses(), ElementsAre(0u, 0u, 0u));
}

TEST_F(DelayedRunTest, AFailureOfAnEarlierRunStopsItAgain) {
  RunAll({Deletion("none"), Deletion("Stage\\a.dll")});
  const DelayedRunReport report = Run(*file_);
  EXPECT_TRUE(report.stopped);
  EXPECT_EQ(report.failed, 1u);
  EXPECT_EQ(report.not_reached, 1u);
  EXPECT_EQ(report.restore_status_details, 0xC0000034u);
  EXPECT_EQ(Contents("c/Stage/a.dll"), "new");
}

TEST_F(DelayedRunTest, OfAMalformedFileNothingIsCarriedOut) {
  const std::string bytes = Value(BuildDelayedOperations({Deletion("Stage\\a.dll")}));
  for (size_t size = 0; size < bytes.size(); ++size) {
    DelayedBytes cut(bytes.substr(0, size));
    request_.file = &cut;
    EXPECT_THAT(RunDelayedOperations(request_), HasCode(StatusCode::kCorrupt)) << size;
    EXPECT_THAT(MissingDelayedVolumes(cut, {}), HasCode(StatusCode::kCorrupt)) << size;
  }
  EXPECT_THAT(records_, IsEmpty());
  EXPECT_EQ(Contents("c/Stage/a.dll"), "new");
}

TEST_F(DelayedRunTest, SaysWhichVolumesAreMissing) {
  DelayedBytes file(Value(BuildDelayedOperations(
      {Deletion("x"),
       {DelayedKind::kDeleteFile, {}, std::string("\\??\\") + kVolume + "\\x", {}},
       {DelayedKind::kMoveFile, "\\??\\e:\\x", "\\??\\E:\\y", {}}})));
  EXPECT_THAT(Value(MissingDelayedVolumes(file, request_.volumes)), ElementsAre(kVolume, "E:"));
}

TEST_F(DelayedRunTest, ADryRunForeseesWhatComesOfIt) {
  const std::vector<DelayedOperation> operations = {Deletion("Windows\\a.dll"),
                                                    MoveTo("Stage\\a.dll", "WINDOWS\\a.dll"),
                                                    ShortNameOf("B.DLL", "windows\\A.dll"),
                                                    ShortNameOf("A.DLL", "windows\\A.dll"),
                                                    MoveTo("Stage\\b.dll", "Windows\\b.dll"),
                                                    Deletion("Stage"),
                                                    MoveTo("Windows\\B.DLL", "Stage\\b.dll"),
                                                    Deletion("Windows")};
  request_.dry_run = true;
  const DelayedRunReport report = RunAll(operations);
  EXPECT_EQ(report.done, 6u);
  EXPECT_EQ(report.failed, 1u);
  EXPECT_EQ(records_[6].operation.status, 0xC000003Au);
  EXPECT_EQ(report.not_reached, 1u);
  EXPECT_THAT(Statuses(), testing::Each(std::optional<uint64_t>()));
  EXPECT_EQ(Contents("c/Windows/a.dll"), "old");
  RunAll({Deletion("Windows\\a.dll"), MoveTo("Stage\\a.dll", "Windows\\b.dll"),
          ShortNameOf("B.DLL", "Windows\\none")});
  EXPECT_EQ(records_[2].operation.status, 0xC0000034u);
  RunAll(
      {MoveTo("Stage\\a.dll", "Windows\\b.dll"), Deletion("Windows\\a.dll"), Deletion("Windows")});
  EXPECT_EQ(records_[2].operation.status, 0xC0000101u);
}

TEST_F(DelayedRunTest, AFileIsCarriedOutByOneAtATime) {
  const std::string path =
      scratch_.Put("operations", Value(BuildDelayedOperations({Deletion("Stage\\a.dll")})));
  auto file = Value(OpenDelayedFile(path, true));
  EXPECT_THAT(OpenDelayedFile(path, true), HasCode(StatusCode::kBusy));
  request_.file = file.get();
  EXPECT_EQ(Value(RunDelayedOperations(request_)).done, 1u);
  EXPECT_THAT(file->Sync(), IsOk());
  file.reset();
  file_ = std::make_unique<DelayedBytes>(Contents("operations"));
  EXPECT_THAT(Statuses(), ElementsAre(0u));
  EXPECT_THAT(OpenDelayedFile(scratch_.At("c"), false), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(DelayedRunTest, AStatusThatCannotBeWrittenEndsTheRun) {
  const std::string path = scratch_.Put(
      "operations",
      Value(BuildDelayedOperations({Deletion("Stage\\a.dll"), Deletion("Stage\\b.dll")})));
  auto file = Value(OpenDelayedFile(path, false));
  request_.file = file.get();
  EXPECT_THAT(RunDelayedOperations(request_), HasCode(StatusCode::kDeviceError));
  EXPECT_EQ(Contents("c/Stage/b.dll"), "other");
}

}  // namespace
}  // namespace tapir::test
