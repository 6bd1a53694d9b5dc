#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <set>

#include "tapir/device/virtual_tape.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/compare_job.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/restore_job.h"
#include "tapir/jobs/verify_job.h"
#include "tapir/jobs/volume_info.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// A set of virtual tapes too small for what is archived.
class SpanningTest : public testing::Test {
 protected:
  static constexpr uint64_t kCapacity = 6u << 20;

  void SetUp() override {
    for (uint64_t i = 10; i < 30; ++i) {
      scratch_.Put("tree/b" + std::to_string(i), RandomBytes(100'000, i));
    }
    scratch_.Put("tree/a", RandomBytes(50'000, 1));
    scratch_.Put("tree/m_large", RandomBytes(18u << 20, 2));
    scratch_.Put("tree/n", RandomBytes(50'000, 3));
    fs::create_hard_link(scratch_.At("tree/a"), scratch_.At("tree/z"));
    fs::create_hard_link(scratch_.At("tree/n"), scratch_.At("tree/o"));
  }

  std::string Tape(int number) { return "vtape:" + scratch_.At("tape" + std::to_string(number)); }

  /// The next volumes are taken from `next`.
  Result<ArchiveReport> Add(const std::string& volume, const std::string& path,
                            uint64_t early_warning_bytes = 2u << 20,
                            uint64_t capacity_bytes = kCapacity) {
    ArchiveRequest request;
    request.volume = volume;
    request.label.name = "set";
    request.label.max_block_bytes = 256u << 10;
    request.label.tape.capacity_bytes = capacity_bytes;
    request.label.tape.early_warning_bytes = early_warning_bytes;
    request.source.base_directory = scratch_.At("");
    request.source.paths = {path};
    request.source.reporter = request.session.reporter = &reporter_;
    request.session.zstd_level = 0;
    request.next_volume = [this](const VolumeWanted& wanted) -> Result<std::string> {
      wanted_.push_back(wanted);
      if (next_.empty()) return EndOfMedium("no more volumes");
      std::string name = next_.front();
      next_.pop_front();
      return name;
    };
    return Archive(request);
  }
  /// Archives the tree on as many tapes as it takes.
  Names ArchiveTree() {
    for (int i = 2; i <= 9; ++i) next_.push_back(Tape(i));
    Names volumes = Value(Add(Tape(1), "tree")).volumes;
    next_.clear();
    wanted_.clear();
    EXPECT_GT(volumes.size(), 4u);
    return volumes;
  }
  static Selection Of(const Names& volumes) {
    Selection selection;
    selection.next_volumes.assign(volumes.begin() + 1, volumes.end());
    return selection;
  }
  static Names List(const std::string& volume, const Selection& selection) {
    Names names;
    Check(ListObjects(volume, selection, [&](const ListedEntry& listed) {
            names.push_back(listed.entry.path);
            return OkStatus();
          }).status());
    return names;
  }
  Result<RestoreReport> RestoreTo(const std::string& folder, const Names& volumes) {
    RestoreRequest request;
    request.volume = volumes.front();
    request.selection = Of(volumes);
    request.target.directory = scratch_.At(folder);
    request.target.reporter = &reporter_;
    return Restore(request);
  }
  CompareReport Compare(const Names& volumes, const std::string& folder) {
    return Value(CompareWithDirectory(
        {.volume = volumes.front(), .selection = Of(volumes), .reporter = &reporter_},
        scratch_.At(folder), [](const Difference& difference) {
          ADD_FAILURE() << difference.path << ": " << difference.text;
        }));
  }
  VerifyReport Verify(const std::string& volume) {
    VerifyRequest request;
    request.volume = volume;
    return Value(VerifyVolume(request, {}));
  }
  bool SameFile(const std::string& left, const std::string& right) {
    return fs::equivalent(scratch_.At(left), scratch_.At(right));
  }

  Scratch scratch_;
  CollectingReporter reporter_;
  std::deque<std::string> next_;
  std::vector<VolumeWanted> wanted_;
};

TEST_F(SpanningTest, ASetIsListedComparedAndRestored) {
  Names volumes = ArchiveTree();
  Names names = List(volumes.front(), Of(volumes));
  EXPECT_EQ(names.size(), 26u);
  CompareReport compared = Compare(volumes, "");
  EXPECT_EQ(compared.compared, 26u);
  EXPECT_EQ(compared.equal, 26u);
  RestoreReport report = Value(RestoreTo("out", volumes));
  EXPECT_EQ(report.restored, 26u);
  EXPECT_EQ(report.continued, 0u);
  EXPECT_EQ(report.links_outside, 0u);
  EXPECT_EQ(Compare(volumes, "out").equal, 26u);
  EXPECT_TRUE(SameFile("out/tree/a", "out/tree/z"));
  EXPECT_TRUE(SameFile("out/tree/n", "out/tree/o"));
}

TEST_F(SpanningTest, EachVolumeGivesAloneWhatItHoldsWhole) {
  Names volumes = ArchiveTree();
  std::vector<std::string> whole;
  for (const std::string& volume : volumes) {
    VerifyReport verified = Verify(volume);
    EXPECT_EQ(verified.verdict, Verdict::kIntact) << volume;
    std::string folder = "alone" + std::to_string(whole.size());
    RestoreReport report = Value(RestoreTo(folder, {volume}));
    EXPECT_EQ(report.damaged + report.failed, 0u);
    EXPECT_EQ(report.continued, verified.continued) << volume;
    EXPECT_EQ(report.restored, verified.objects - verified.continued) << volume;
    EXPECT_FALSE(fs::exists(scratch_.At(folder + "/tree/m_large")));
    whole.push_back(folder);
  }
  std::set<std::string> found;
  for (const std::string& folder : whole) {
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.At(folder))) {
      found.insert(entry.path().filename());
    }
  }
  EXPECT_EQ(found.size(), 25u) << "all but the large file and what is above";
}

TEST_F(SpanningTest, AVolumeThatIsMissingIsNamed) {
  Names volumes = ArchiveTree();
  Status gap = RestoreTo("out", {volumes[0], volumes[2]}).status();
  EXPECT_EQ(gap.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(gap.message().find("volume 3 of the set, and volume 2 is wanted"), std::string::npos)
      << gap.message();
  Check(Add(Tape(20), "tree/n").status());
  Status foreign = RestoreTo("out", {volumes[0], Tape(20)}).status();
  EXPECT_NE(foreign.message().find("another set"), std::string::npos) << foreign.message();
  // From the middle on what began before is not there.
  RestoreReport rest = Value(RestoreTo("rest", {volumes.begin() + 2, volumes.end()}));
  EXPECT_EQ(rest.damaged, 0u);
  EXPECT_GT(rest.continued, 0u);
  EXPECT_FALSE(fs::exists(scratch_.At("rest/tree/m_large")));
}

TEST_F(SpanningTest, SessionsAreAddedToTheLastVolume) {
  Names volumes = ArchiveTree();
  Status refused = Add(volumes[0], "tree/n").status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(refused.message().find("volume 2 of the set"), std::string::npos) << refused.message();
  scratch_.Put("tree/n", "changed");
  Check(Add(volumes.back(), "tree/n").status());
  Names names = List(volumes.front(), Of(volumes));
  EXPECT_EQ(names.size(), 26u);
  EXPECT_EQ(Value(RestoreTo("out", volumes)).restored, 26u);
  EXPECT_EQ(fs::file_size(scratch_.At("out/tree/n")), 7u);
  Selection first = Of(volumes);
  first.sessions = SessionChoice::kNumber;
  first.session_number = 1;
  EXPECT_GE(List(volumes.front(), first).size(), 26u) << "pieces on their own";
  Selection last = Of(volumes);
  last.sessions = SessionChoice::kLast;
  EXPECT_EQ(List(volumes.front(), last), Names({"tree/n"}));
}

TEST_F(SpanningTest, TheLastVolumeListsTheWholeSet) {
  const Names volumes = ArchiveTree();
  const Names all = List(volumes.front(), Of(volumes));
  EXPECT_EQ(List(volumes.back(), {}), all);
  // Any rest of the set that ends with it does.
  EXPECT_EQ(List(volumes[2], Of({volumes.begin() + 2, volumes.end()})), all);
  EXPECT_LT(List(volumes[1], {}).size(), all.size());
  scratch_.Put("tree/n", "changed");
  Check(Add(volumes.back(), "tree/n").status());
  EXPECT_EQ(List(volumes.back(), {}), all);
  std::set<uint32_t> on;
  Check(ListObjects(volumes.back(), {}, [&](const ListedEntry& listed) {
          on.insert(listed.first_volume);
          if (listed.entry.path == "tree/m_large") {
            EXPECT_EQ(listed.entry.size, 18u << 20);
            EXPECT_LT(listed.first_volume, listed.last_volume);
          }
          return OkStatus();
        }).status());
  EXPECT_EQ(*on.begin(), 1u);
  // Other readers leave it at what is there.
  EXPECT_FALSE(fs::exists(scratch_.At("rest/tree/a")));
  Check(RestoreTo("rest", {volumes.back()}).status());
  EXPECT_FALSE(fs::exists(scratch_.At("rest/tree/a")));
  EXPECT_EQ(Verify(volumes.back()).verdict, Verdict::kIntact);
}

TEST_F(SpanningTest, ASetThatBeginsBehindOtherSessionsIsListedWhole) {
  scratch_.Put("before", "first session");
  Check(Add(Tape(1), "before").status());
  scratch_.Put("before2", "second session");
  Check(Add(Tape(1), "before2").status());
  const Names volumes = ArchiveTree();
  const Names names = List(volumes.back(), {});
  EXPECT_EQ(names.size(), 28u);
  EXPECT_EQ(names, List(volumes.front(), Of(volumes)));
}

TEST_F(SpanningTest, VolumesThatCannotBeTakenAreRefused) {
  scratch_.Put("a.tar", std::string("data"));
  Check(Add(Tape(20), "tree/n").status());
  Check(InitVolume(Tape(21), {.name = "ready", .tape = {.capacity_bytes = 2 * kCapacity}}, "",
                   Ambient::System())
            .status());
  next_ = {Tape(20), Tape(1), "file:" + scratch_.At("a.tar"), Tape(21), Tape(22), Tape(23),
           Tape(24), Tape(25)};
  ArchiveReport report = Value(Add(Tape(1), "tree"));
  ASSERT_GE(wanted_.size(), 4u);
  EXPECT_EQ(wanted_[0].sequence, 2u);
  EXPECT_EQ(wanted_[0].set_label, "set");
  EXPECT_EQ(wanted_[0].refused, "");
  EXPECT_NE(wanted_[1].refused.find("it holds the Tapir volume 'set'"), std::string::npos)
      << wanted_[1].refused;
  EXPECT_NE(wanted_[2].refused.find("it holds the Tapir volume 'set'"), std::string::npos);
  EXPECT_NE(wanted_[3].refused, "");
  EXPECT_EQ(wanted_[3].sequence, 2u);
  // A volume that is labelled and empty keeps its name.
  EXPECT_EQ(report.volumes[1], Tape(21));
  VolumeInfo info = Value(ReadVolumeInfo(Tape(21)));
  EXPECT_EQ(info.label, "ready");
  EXPECT_EQ(info.volume_sequence, 2u);
  EXPECT_EQ(info.set_uuid, Value(ReadVolumeInfo(Tape(1))).set_uuid);
}

TEST_F(SpanningTest, WithoutMoreVolumesTheSessionEndsOnThisOne) {
  Status failed = Add(Tape(1), "tree").status();
  EXPECT_EQ(failed.code(), StatusCode::kEndOfMedium);
  // What it got is good, and says that it goes on.
  EXPECT_EQ(Verify(Tape(1)).verdict, Verdict::kIntact);
  VolumeInfo info = Value(ReadVolumeInfo(Tape(1)));
  ASSERT_EQ(info.sessions.size(), 1u);
  EXPECT_EQ(info.sessions[0].status, "continued");
  EXPECT_GT(Value(RestoreTo("out", {Tape(1)})).restored, 10u);
}

TEST_F(SpanningTest, AMediumThatEndsWithoutWarningIsReadAllTheSame) {
  for (int i = 2; i <= 9; ++i) next_.push_back(Tape(i));
  scratch_.Put("tree/m_large", RandomBytes(5u << 20, 2));
  Names volumes = Value(Add(Tape(1), "tree", 1)).volumes;
  ASSERT_EQ(volumes.size(), 2u);
  EXPECT_GT(reporter_.CountOf(""), 0u);
  EXPECT_EQ(Verify(volumes[0]).verdict, Verdict::kTorn);
  EXPECT_EQ(List(volumes[0], Of(volumes)).size(), 26u);
  EXPECT_EQ(Value(RestoreTo("out", volumes)).restored, 26u);
  EXPECT_EQ(Compare(volumes, "out").equal, 26u);
}

// The data fits, the index does not: it opens the next volume.
TEST_F(SpanningTest, AnIndexThatDoesNotFitIsOnTheNextVolume) {
  for (uint64_t i = 0; i < 3000; ++i) {
    scratch_.Put("tree/o" + std::to_string(10'000 + i) + std::string(200, 'x'), "");
  }
  for (int i = 2; i <= 9; ++i) next_.push_back(Tape(i));
  scratch_.Put("tree/m_large", RandomBytes(1u << 20, 2));
  size_t found = 0;
  // Wherever the volume ends: in the data, in the index, behind it.
  for (uint64_t spare = 0; spare < (1u << 20); spare += Thinned(64u << 10)) {
    next_ = {Tape(2), Tape(3)};
    for (int tape : {1, 2, 3}) {
      fs::remove(scratch_.At("tape" + std::to_string(tape)));
      fs::remove(scratch_.At("tape" + std::to_string(tape) + ".side"));
    }
    const Names volumes = Value(Add(Tape(1), "tree", 1, (4u << 20) + spare)).volumes;
    if (volumes.size() == 1) continue;
    const bool indexed = List(volumes.back(), {}).size() == 3026;
    found += indexed && Verify(volumes.front()).verdict == Verdict::kTorn ? 1u : 0u;
    EXPECT_EQ(List(volumes.front(), Of(volumes)).size(), 3026u) << spare;
  }
  EXPECT_GT(found, 0u);
}

TEST_F(SpanningTest, AVolumeThatIsTooSmallIsRefused) {
  for (int i : {3, 4}) {
    Check(InitVolume(Tape(i), {.name = "small", .tape = {.capacity_bytes = 512u << 10}}, "",
                     Ambient::System())
              .status());
  }
  for (int i = 2; i <= 9; ++i) next_.push_back(Tape(i));
  Names volumes = Value(Add(Tape(1), "tree")).volumes;
  EXPECT_EQ(volumes[1], Tape(2));
  EXPECT_EQ(volumes[2], Tape(5));
  ASSERT_GT(wanted_.size(), 3u);
  EXPECT_NE(wanted_[2].refused.find("too small"), std::string::npos) << wanted_[2].refused;
  EXPECT_EQ(wanted_[3].sequence, 3u);
  EXPECT_EQ(Value(RestoreTo("out", volumes)).restored, 26u);
  EXPECT_EQ(Compare(volumes, "out").equal, 26u);
}

// Without warning a volume cannot be closed behind a part of the file.
TEST_F(SpanningTest, AFileLargerThanAVolumeThatGivesNoWarningFitsOnNone) {
  for (int i = 2; i <= 9; ++i) next_.push_back(Tape(i));
  Status failed = Add(Tape(1), "tree", 1).status();
  EXPECT_EQ(failed.code(), StatusCode::kEndOfMedium);
  EXPECT_NE(wanted_.back().refused.find("too small"), std::string::npos);
  EXPECT_EQ(List(Tape(1),
                 [] {
                   Selection torn;
                   torn.include_torn = true;
                   return torn;
                 }())
                .size(),
            22u)
      << "what is complete is there";
}

}  // namespace
}  // namespace tapir::test
