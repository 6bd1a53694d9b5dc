#include "object/index_copies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "container/volume.h"
#include "tapir/device/open_device.h"
#include "tapir/device/virtual_tape.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/verify_job.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// Many sessions on one tape.
class IndexCopiesTest : public testing::Test {
 protected:
  static constexpr uint64_t kCapacity = 64u << 20;

  void AddSessions(uint32_t count, size_t bytes) {
    for (uint32_t i = 0; i < count; ++i, ++sessions_) {
      const std::string name = "s" + std::to_string(sessions_);
      scratch_.Put(name + "/large", RandomBytes(bytes, sessions_));
      scratch_.Put("common/file", name);
      ArchiveRequest request;
      request.volume = volume_;
      request.label.max_block_bytes = 64u << 10;
      request.label.tape.capacity_bytes = kCapacity;
      request.source.base_directory = scratch_.At("");
      request.source.paths = {name, "common"};
      request.source.reporter = request.session.reporter = &reporter_;
      request.session.zstd_level = 0;
      request.session.threads = 1;
      Check(Archive(request).status());
    }
  }
  Names Expected() const {
    Names names{"common", "common/file"};
    for (uint32_t i = 0; i < sessions_; ++i) {
      names.push_back("s" + std::to_string(i));
      names.push_back(names.back() + "/large");
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  Names List(const Selection& selection = {}) {
    Names names;
    const ListReport report = Value(ListObjects(volume_, selection, [&](const ListedEntry& listed) {
      names.push_back(listed.entry.path);
      return OkStatus();
    }));
    damages_ = report.damages.size();
    std::sort(names.begin(), names.end());
    return names;
  }
  VerifyReport Verify() {
    VerifyRequest request;
    request.volume = volume_;
    return Value(VerifyVolume(request, {}));
  }
  std::unique_ptr<VirtualTape> Tape() {
    return Value(VirtualTape::Open(path_, VirtualTape::Mode::kExisting));
  }
  VolumeState State() {
    auto device = Value(OpenDevice(volume_, OpenMode::kRead));
    return Value(ReadVolumeState(*device));
  }
  /// The session's END, its second copy included, or another block cannot be read any more.
  void Spoil(uint64_t object) { Tape()->AddFault({VirtualTapeFault::Kind::kBadBlock, 1, object}); }
  std::set<uint32_t> CopiedBy(const SessionEntry& entry) {
    const Label label = State().label;
    auto device = Value(OpenDevice(volume_, OpenMode::kRead));
    const FoundEnd end = Value(ReadEnd(*device, label, entry));
    std::set<uint32_t> numbers;
    for (const IndexCopy& copy : end.record.index_copies) {
      numbers.insert(copy.session.session_number);
    }
    return numbers;
  }

  Scratch scratch_;
  std::string path_ = scratch_.At("tape");
  std::string volume_ = "vtape:" + path_;
  CollectingReporter reporter_;
  uint32_t sessions_ = 0;
  size_t damages_ = 0;
};

TEST_F(IndexCopiesTest, FiftySessionsAreListedInThreeMinutesOfAnLto9) {
  AddSessions(50, 1'000'000);
  // A drive that has just taken the cartridge.
  Check(Tape()->PrepareTape(TapePreparation::kUnload, false));
  Check(Tape()->PrepareTape(TapePreparation::kLoad, false));
  EXPECT_EQ(List(), Expected());
  EXPECT_EQ(damages_, 0u);
  const TapeModelReport report = Tape()->ModelReport();
  RecordProperty("list_s", static_cast<int>(report.total_s));
  EXPECT_LT(report.total_s, 180) << report.locates << " locates";
  EXPECT_GT(report.total_s, 60) << "the medium is as long as a whole one";
  EXPECT_EQ(Verify().verdict, Verdict::kIntact);
}

TEST_F(IndexCopiesTest, TheDamageOfOneSectionCostsOnlyTime) {
  AddSessions(67, 1000);
  VolumeState state = State();
  // Each END in turn cannot be read, and each index section; nothing would name the last one.
  state.sessions.pop_back();
  for (size_t i = 0; i < state.sessions.size(); i += Thinned(1)) {
    const SessionEntry& entry = state.sessions[i];
    auto device = Value(OpenDevice(volume_, OpenMode::kRead));
    const FoundEnd end = Value(ReadEnd(*device, state.label, entry));
    device.reset();
    const std::string kept = scratch_.At("side");
    fs::copy_file(path_ + ".side", kept, fs::copy_options::overwrite_existing);
    for (uint64_t object = end.record.index_place.object; object <= entry.end_place.object + 1;
         ++object) {
      Spoil(object);
    }
    EXPECT_EQ(List(), Expected()) << entry.session_number;
    fs::copy_file(kept, path_ + ".side", fs::copy_options::overwrite_existing);
  }
}

TEST_F(IndexCopiesTest, CopiesAreOfTheSessionsSinceTheLastFullSet) {
  AddSessions(66, 1000);
  const std::vector<SessionEntry> sessions = State().sessions;
  EXPECT_EQ(CopiedBy(sessions[0]), std::set<uint32_t>{});
  EXPECT_EQ(CopiedBy(sessions[7]), (std::set<uint32_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(CopiedBy(sessions[64]).size(), 64u);
  EXPECT_EQ(CopiedBy(sessions[65]), (std::set<uint32_t>{65}));
}

TEST(FirstToCopy, LeadsBackToAllInFewStepsAndCopiesEachAFewTimes) {
  std::vector<size_t> times(5000, 0);
  for (size_t count = 1; count < times.size(); ++count) {
    for (size_t i = FirstToCopy(count); i < count; ++i) ++times[i];
    size_t steps = 0;
    for (size_t at = count; at > 0; at = FirstToCopy(at)) {
      ASSERT_LT(FirstToCopy(at), at);
      ++steps;
    }
    EXPECT_LE(steps, 3u) << count;
  }
  // At most 64 times in each of the steps of 64 and of 4,096.
  EXPECT_LE(*std::max_element(times.begin(), times.end()), 2 * 64u);
}

}  // namespace
}  // namespace tapir::test
