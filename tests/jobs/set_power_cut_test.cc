#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "device/vtape/tape_image.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/restore_job.h"
#include "tapir/jobs/verify_job.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;
using Objects = std::vector<vtape::TapeImage::Object>;

/// A set of two virtual tapes, of which writing the second is stopped by a power cut. The large
/// file lies on both.
class SetPowerCutTest : public testing::Test {
 protected:
  static constexpr const char* kNeverFinished =
      "session 1 was never finished: its end is not on volume 2 of the set";

  void SetUp() override {
    for (uint64_t i = 1; i <= 5; ++i) {
      scratch_.Put("tree/b" + std::to_string(i), RandomBytes(100'000, i));
      scratch_.Put("tree/n" + std::to_string(i), RandomBytes(100'000, 100 + i));
    }
    scratch_.Put("tree/m_large", RandomBytes(5u << 20, 2));
    scratch_.Put("late", "written when the power was back");
    next_ = Tape("whole");
    LabelOptions roomy{.name = "set", .tape = {.capacity_bytes = 64u << 20}};
    Check(InitVolume(next_, roomy, "", Ambient::System()).status());
    ASSERT_EQ(Value(Add(First(), "tree")).volumes.size(), 2u);
    next_.clear();
    objects_ = Value(vtape::TapeImage::Open(scratch_.At("whole"), false, false)).objects();
    ASSERT_GT(objects_.size(), 10u);
  }

  std::string Tape(const std::string& name) { return "vtape:" + scratch_.At(name); }
  std::string First() { return Tape("first"); }
  std::string Second() { return Tape("second"); }

  /// The second volume as the power cut leaves it: so many objects, and half of the next one. What
  /// lies beside the image may be as old as the volume, or as new as what was lost.
  void Cut(size_t objects, bool with_side_file) {
    for (const char* name : {"second", "second.side"}) fs::remove(scratch_.At(name));
    fs::copy_file(scratch_.At("whole"), scratch_.At("second"));
    if (with_side_file) fs::copy_file(scratch_.At("whole.side"), scratch_.At("second.side"));
    if (objects >= objects_.size()) return;
    const vtape::TapeImage::Object& next = objects_[objects];
    fs::resize_file(scratch_.At("second"), next.offset_bytes + next.size / 2);
  }

  Result<ArchiveReport> Add(const std::string& volume, const std::string& path) {
    ArchiveRequest request;
    request.volume = volume;
    request.label.name = "set";
    request.label.max_block_bytes = 256u << 10;
    request.label.tape.capacity_bytes = 6u << 20;
    request.label.tape.early_warning_bytes = 2u << 20;
    request.source.base_directory = scratch_.At("");
    request.source.paths = {path};
    request.source.reporter = request.session.reporter = &reporter_;
    request.session.zstd_level = 0;
    // A file that may be equal to another one is cut only if it is larger.
    request.session.dedup = false;
    request.next_volume = [this](const VolumeWanted& wanted) -> Result<std::string> {
      if (next_.empty() || !wanted.refused.empty()) return EndOfMedium("no more volumes");
      return next_;
    };
    return Archive(request);
  }

  Selection Both(bool include_torn) {
    Selection selection;
    selection.next_volumes = {Second()};
    selection.include_torn = include_torn;
    return selection;
  }
  struct Listed {
    ListReport report;
    std::multiset<std::string> paths;
  };
  Listed List(const Selection& selection) {
    Listed listed;
    listed.report = Value(ListObjects(First(), selection, [&](const ListedEntry& entry) {
      listed.paths.insert(entry.entry.path);
      return OkStatus();
    }));
    return listed;
  }
  /// What is restored is what was archived, byte for byte.
  RestoreReport Restored(const Selection& selection) {
    RestoreRequest request;
    request.volume = First();
    request.selection = selection;
    request.target.directory = scratch_.At("out");
    request.target.reporter = &reporter_;
    RestoreReport report = Value(Restore(request));
    uint64_t found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.At("out"))) {
      ++found;
      if (!entry.is_regular_file()) continue;
      const fs::path source = scratch_.At(fs::relative(entry, scratch_.At("out")).string());
      EXPECT_TRUE(SameBytes(entry.path(), source)) << source;
    }
    EXPECT_EQ(found, report.restored);
    fs::remove_all(scratch_.At("out"));
    return report;
  }
  static bool SameBytes(const fs::path& left, const fs::path& right) {
    return BytesOfFile(left) == BytesOfFile(right);
  }
  VerifyReport Verify(const std::string& volume) {
    VerifyReport report = Value(VerifyVolume({.volume = volume}, {}));
    EXPECT_EQ(report.damage_count, 0u);
    EXPECT_EQ(report.lost_objects, 0u);
    return report;
  }

  /// Objects on the tape before its session is begun and before it has ended: the label and its
  /// mark; all but the first END, its copy and a mark.
  static constexpr size_t kLabelled = 2;
  size_t ended() const { return objects_.size() - 2; }

  void ExpectTold(size_t objects);
  void ExpectWrittenOn(size_t objects);

  Scratch scratch_;
  CollectingReporter reporter_;
  std::string next_;
  Objects objects_;
};

void SetPowerCutTest::ExpectTold(size_t objects) {
  const bool has_ended = objects >= ended();
  const bool begun = objects > kLabelled;
  VerifyReport verified = Verify(Second());
  EXPECT_EQ(verified.verdict, begun && !has_ended ? Verdict::kTorn : Verdict::kIntact);
  for (bool include_torn : {false, true}) {
    Listed listed = List(Both(include_torn));
    // The tree, its five files in front of the large one, and that: listed once, and restored when
    // its end is at hand.
    const bool second_counts = has_ended || include_torn;
    const uint64_t on_second = second_counts ? verified.objects - verified.continued : 0;
    const bool large_is_whole = second_counts && verified.continued == 1;
    EXPECT_EQ(listed.paths.size(), 1 + 5 + 1 + on_second);
    EXPECT_EQ(listed.report.damages.size(), 0u);
    EXPECT_EQ(listed.report.torn, begun && !has_ended);
    EXPECT_EQ(listed.report.missing_volumes, has_ended ? "" : kNeverFinished);
    EXPECT_EQ(listed.paths.count("tree/b1"), 1u);
    RestoreReport restored = Restored(Both(include_torn));
    EXPECT_EQ(restored.damaged + restored.failed, 0u);
    EXPECT_EQ(restored.missing_volumes, listed.report.missing_volumes);
    EXPECT_EQ(restored.continued, large_is_whole ? 0u : 1u);
    EXPECT_EQ(restored.restored + restored.continued, listed.paths.size());
  }
}

void SetPowerCutTest::ExpectWrittenOn(size_t objects) {
  EXPECT_THAT(Add(First(), "late"), HasCode(StatusCode::kInvalidArgument));
  const uint64_t before = Verify(Second()).objects;
  Check(Add(Second(), "late").status());
  VerifyReport verified = Verify(Second());
  EXPECT_EQ(verified.verdict, Verdict::kIntact);
  EXPECT_EQ(verified.objects, before + 1);
  Listed listed = List(Both(false));
  EXPECT_EQ(listed.paths.count("late"), 1u);
  EXPECT_EQ(listed.paths.count("tree/b1"), 1u);
  EXPECT_EQ(listed.report.missing_volumes, objects >= ended() ? "" : kNeverFinished);
  EXPECT_EQ(Restored(Both(false)).missing_volumes, listed.report.missing_volumes);
}

TEST_F(SetPowerCutTest, AtEveryBlockOfTheSecondVolume) {
  for (size_t objects = 1; objects <= objects_.size(); ++objects) {
    SCOPED_TRACE(std::to_string(objects) + " objects");
    Cut(objects, objects % 2 == 0);
    ExpectTold(objects);
    ExpectWrittenOn(objects);
  }
}

// The first volume says what it holds, whatever became of the second.
TEST_F(SetPowerCutTest, TheFirstVolumeAloneKnowsThatItGoesOn) {
  VerifyReport verified = Verify(First());
  EXPECT_EQ(verified.verdict, Verdict::kIntact);
  EXPECT_EQ(verified.continued, 1u);
  Listed listed = List({});
  EXPECT_EQ(listed.paths.size(), 7u);
  EXPECT_NE(listed.report.missing_volumes.find("goes on on volume 2"), std::string::npos);
  RestoreReport restored = Restored({});
  EXPECT_EQ(restored.restored, 6u);
  EXPECT_EQ(restored.continued, 1u);
}

// Nothing of a label is there: it is no volume of the set, and may become any.
TEST_F(SetPowerCutTest, BeforeTheLabelIsWrittenTheSecondIsBlank) {
  Cut(0, true);
  EXPECT_THAT(VerifyVolume({.volume = Second()}, {}), HasCode(StatusCode::kNotFound));
  Status status = ListObjects(First(), Both(false), {}).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_NE(status.message().find("no volume label"), std::string::npos) << status.message();
  Check(Add(Second(), "late").status());
  EXPECT_EQ(Verify(Second()).objects, 1u);
}

}  // namespace
}  // namespace tapir::test
