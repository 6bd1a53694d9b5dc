#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tapir/device/virtual_tape.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/compare_job.h"
#include "tapir/jobs/inspect_job.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/restore_job.h"
#include "tapir/jobs/verify_job.h"
#include "tapir/jobs/volume_info.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// Volumes on a virtual tape.
class TapeTest : public testing::Test {
 protected:
  void SetUp() override {
    scratch_.Put("tree/a", "first");
    scratch_.Put("tree/large", RandomBytes(3'000'000, 1));
    scratch_.Put("tree/text", TextBytes(500'000, 2));
  }

  Result<ArchiveReport> Add(const std::string& path) {
    ArchiveRequest request;
    request.volume = volume_;
    request.source.base_directory = scratch_.At("");
    request.source.paths = {path};
    request.source.reporter = request.session.reporter = &reporter_;
    request.session.zstd_level = 0;
    request.session.threads = 2;
    return Archive(request);
  }
  Names List(const Selection& selection = {}) {
    Names names;
    ListReport report = Value(ListObjects(volume_, selection, [&](const ListedEntry& listed) {
      names.push_back(listed.entry.path);
      return OkStatus();
    }));
    damages_ = report.damages.size();
    torn_ = report.torn;
    return names;
  }
  VerifyReport Verify() {
    VerifyRequest request;
    request.volume = volume_;
    request.threads = 2;
    return Value(VerifyVolume(request, [](const Damage&) {}));
  }
  RestoreReport RestoreTo(const std::string& folder) {
    RestoreRequest request;
    request.volume = volume_;
    request.target.directory = scratch_.At(folder);
    request.target.reporter = &reporter_;
    request.threads = 2;
    return Value(Restore(request));
  }
  void ExpectSame(const std::string& folder) {
    CompareReport report =
        Value(CompareWithDirectory({.volume = volume_, .reporter = &reporter_}, scratch_.At(folder),
                                   [](const Difference& difference) {
                                     ADD_FAILURE() << difference.path << ": " << difference.text;
                                   }));
    EXPECT_EQ(report.equal, report.compared);
    EXPECT_GT(report.compared, 0u);
  }
  std::unique_ptr<VirtualTape> Tape() {
    return Value(VirtualTape::Open(path_, VirtualTape::Mode::kCreate, {}));
  }
  /// Kinds of the objects on the tape: B for a block, F for a mark.
  std::string Objects() {
    auto tape = Tape();
    Check(tape->SetTapePosition(TapePositioning::kRewind, 0, 0, false));
    std::vector<std::byte> buffer(8u << 20);
    for (std::string objects;;) {
      TapeRead read = Value(tape->Read(buffer));
      if (read.kind == TapeReadKind::kEndOfData) return objects;
      objects += read.kind == TapeReadKind::kBlock ? 'B' : 'F';
    }
  }
  uint64_t ObjectCount() { return Objects().size(); }
  /// Drops the tape's objects from one on, as when the power went.
  void CutAt(uint64_t object) {
    auto tape = Tape();
    Check(tape->SetTapePosition(TapePositioning::kLogicalBlock, 0, static_cast<int64_t>(object),
                                false));
    Check(tape->EraseTape(TapeEraseType::kShort, false));
  }

  Scratch scratch_;
  std::string path_ = scratch_.At("tape");
  std::string volume_ = "vtape:" + path_;
  CollectingReporter reporter_;
  size_t damages_ = 0;
  bool torn_ = false;
};

TEST_F(TapeTest, ATreeComesBack) {
  Check(Add("tree").status());
  EXPECT_EQ(Objects(), "BFBBBBBBFBBBF") << "label; START and data; index and both ENDs";
  EXPECT_EQ(List(), (Names{"tree", "tree/a", "tree/large", "tree/text"}));
  EXPECT_EQ(Verify().verdict, Verdict::kIntact);
  EXPECT_EQ(RestoreTo("out").failed, 0u);
  ExpectSame("out");
  EXPECT_EQ(Value(ReadVolumeInfo(volume_)).sessions.size(), 1u);
}

TEST_F(TapeTest, SessionsAreAppended) {
  Check(Add("tree").status());
  for (int i = 0; i < 3; ++i) {
    scratch_.Put("more/new-" + std::to_string(i), "x");
    Check(Add("more/new-" + std::to_string(i)).status());
  }
  EXPECT_EQ(List().size(), 7u);
  VerifyReport report = Verify();
  EXPECT_EQ(report.verdict, Verdict::kIntact);
  EXPECT_EQ(report.sessions, 4u);
  ExpectSame("");
}

TEST_F(TapeTest, ATornSessionIsToldAndAppendedBehind) {
  Check(Add("tree/a").status());
  const uint64_t first_end = ObjectCount();
  Check(Add("tree").status());
  const uint64_t whole = ObjectCount();
  for (uint64_t cut = whole - 1; cut > first_end; --cut) {
    CutAt(cut);
    VerifyReport report = Verify();
    // Of the two ENDs one is enough, and so is what a filemark only confirms.
    bool ended = cut >= whole - 2;
    EXPECT_EQ(report.verdict, ended ? Verdict::kIntact : Verdict::kTorn) << cut;
    EXPECT_EQ(List().size(), ended ? 4u : 1u) << cut;
    EXPECT_EQ(torn_, !ended) << cut;
  }
  Check(Add("tree").status());
  EXPECT_EQ(Verify().verdict, Verdict::kIntact);
  EXPECT_EQ(List().size(), 4u);
  EXPECT_EQ(RestoreTo("out").failed, 0u);
  ExpectSame("out");
}

TEST_F(TapeTest, AnUnreadableBlockCostsOnlyWhatLiesInIt) {
  Check(Add("tree").status());
  const uint64_t objects = ObjectCount();
  for (uint64_t bad = 0; bad < objects; ++bad) {
    if (Objects()[bad] == 'F') continue;
    {
      auto tape = Tape();
      tape->AddFault({VirtualTapeFault::Kind::kBadBlock, 1, bad});
    }
    EXPECT_EQ(Verify().verdict, Verdict::kDamaged) << bad;
    EXPECT_EQ(List(), (Names{"tree", "tree/a", "tree/large", "tree/text"})) << bad;
    std::string side = path_ + ".side";
    std::ifstream file(side);
    std::string text(std::istreambuf_iterator<char>(file), {});
    size_t fault = text.find("fault");
    text.erase(fault, text.find('\n', fault) - fault + 1);
    std::ofstream(side) << text;
  }
}

TEST_F(TapeTest, OneBlockIsInspected) {
  Check(Add("tree").status());
  std::vector<InspectedItem> items;
  Check(InspectVolume(volume_, {.block_number = 3}, [&](const InspectedItem& item) {
    items.push_back(item);
    return OkStatus();
  }));
  ASSERT_FALSE(items.empty());
  EXPECT_EQ(items[0].level, InspectedItem::Level::kBlock);
}

TEST_F(TapeTest, WhatElseStandsOnATapeIsNamedAndKept) {
  {
    auto tape = Tape();
    std::string tar(10240, '\0');
    tar.replace(257, 5, "ustar");
    Check(tape->Write(AsBytes(tar)).status());
    Check(tape->WriteTapemark(TapeMark::kFilemark, 1, false).status());
  }
  Result<ArchiveReport> refused = Add("tree");
  EXPECT_THAT(refused, HasCode(StatusCode::kForeign));
  EXPECT_NE(refused.status().message().find("a tar archive"), std::string::npos);
  FixedAmbient ambient;
  Result<VolumeInfo> init = InitVolume(volume_, {}, "", ambient);
  EXPECT_THAT(init, HasCode(StatusCode::kExists));
  EXPECT_EQ(Objects(), "BF");
  Check(InitVolume(volume_, {}, "a tar archive", ambient).status());
  EXPECT_EQ(Objects(), "BF");
  Check(Add("tree").status());
  EXPECT_EQ(Verify().verdict, Verdict::kIntact);
}

TEST_F(TapeTest, ATapeThatBeginsWithAFilemarkIsNotBlank) {
  Check(Tape()->WriteTapemark(TapeMark::kFilemark, 1, false).status());
  EXPECT_THAT(Add("tree"), HasCode(StatusCode::kForeign));
  EXPECT_EQ(Objects(), "F");
}

TEST_F(TapeTest, AProtectedTapeIsReadAndNotWritten) {
  Check(Add("tree").status());
  Tape()->SetWriteProtected(true);
  EXPECT_EQ(List().size(), 4u);
  EXPECT_FALSE(Add("tree").ok());
  EXPECT_EQ(Verify().verdict, Verdict::kIntact);
}

// Where the last session ended stands in the cartridge memory as long as nothing else is written.
TEST_F(TapeTest, TheEndIsFoundByTheCartridgeMemory) {
  Check(Add("tree/a").status());
  Check(Add("tree").status());
  uint64_t before = Tape()->ModelReport().locates;
  EXPECT_EQ(List().size(), 4u);
  uint64_t with_note = Tape()->ModelReport().locates - before;
  {
    auto tape = Tape();
    Check(tape->SetTapePosition(TapePositioning::kEndOfData, 0, 0, false));
    Check(tape->Write(AsBytes(RandomBytes(4096, 9))).status());
  }
  before = Tape()->ModelReport().locates;
  EXPECT_EQ(List().size(), 4u);
  EXPECT_GT(Tape()->ModelReport().locates - before, with_note);
  Check(Add("tree").status());
  EXPECT_EQ(List().size(), 4u);
}

TEST_F(TapeTest, ACartridgeOfAnotherVolumeIsToldOf) {
  Check(Add("tree").status());
  std::string other = "photos 00000000-0000-0000-0000-000000000000";
  Check(Tape()->WriteAttribute(TapeAttribute::kUserTextLabel, AsBytes(other)));
  Check(Add("tree").status());
  bool told = false;
  for (const auto& notice : reporter_.notices()) {
    told = told || notice.text.find("names another volume") != std::string::npos;
  }
  EXPECT_TRUE(told);
}

TEST_F(TapeTest, ABlockSizeThatDoesNotComeBackIsHalved) {
  {
    auto tape = Tape();
    tape->AddFault({VirtualTapeFault::Kind::kShortWrite, 1, 0});
  }
  FixedAmbient ambient;
  VolumeInfo info = Value(InitVolume(volume_, {.max_block_bytes = 1u << 20}, "", ambient));
  EXPECT_EQ(info.max_block_bytes, 512u << 10);
  EXPECT_NE(info.remark.find("512 KiB"), std::string::npos);
  EXPECT_EQ(Objects(), "BF") << "the label alone";
  Check(Add("tree").status());
  EXPECT_EQ(Verify().verdict, Verdict::kIntact);
}

}  // namespace
}  // namespace tapir::test
