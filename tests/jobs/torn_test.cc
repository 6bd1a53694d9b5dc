#include <gtest/gtest.h>

#include "tapir/jobs/list_job.h"
#include "tapir/jobs/verify_job.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

using Bytes = std::vector<std::byte>;

/// A volume whose second session is stopped at any byte.
class TornTest : public testing::Test {
 protected:
  static void AddFirst(VolumeBuilder& volume) {
    Check(volume.Add({File("a", RandomBytes(300'000, 1)), File("b", "two")}).status());
  }
  static void AddSecond(VolumeBuilder& volume) {
    Check(volume
              .Add({File("c", TextBytes(400'000, 2)), File("d", RandomBytes(1'500'000, 3)),
                    File("e", "three")})
              .status());
  }
  TornTest() {
    AddFirst(volume_);
    begin_ = volume_.device().bytes().size();
    AddSecond(volume_);
  }

  /// Lengths to which the volume is cut: the beginnings, middles and last units of some blocks.
  std::vector<uint64_t> Cuts() {
    std::vector<uint64_t> cuts;
    std::vector<BlockHeader> blocks = BlocksOf(BytesOf(volume_.device()));
    std::erase_if(blocks,
                  [&](const BlockHeader& block) { return block.unit_number * 4096 < begin_; });
    blocks.pop_back();  // without the second END alone nothing is missing
    size_t step = FullRun() ? 1 : Thinned(7);
    for (size_t i = 0; i<blocks.size(); i += i> 1 && i + 8 < blocks.size() ? step : 1) {
      uint64_t place = blocks[i].unit_number * 4096;
      uint64_t bytes = blocks[i].block_bytes;
      for (uint64_t cut : {uint64_t{100}, uint64_t{2048}, bytes / 2, bytes - 4096, bytes - 1000}) {
        // Cut exactly behind a session end it is a whole volume (format chapter 1.4).
        if (place + cut > begin_) cuts.push_back(place + cut);
      }
    }
    return cuts;
  }

  /// The volume cut there, with a further session behind.
  static Bytes CutAndAppended(uint64_t cut) {
    VolumeBuilder volume;
    AddFirst(volume);
    AddSecond(volume);
    volume.device().Cut(cut);
    Check(volume.Add({File("late", "x")}).status());
    return BytesOf(volume.device());
  }

  VerifyReport Verify(const Bytes& bytes) {
    return Value(VerifyVolume({.volume = scratch_.Put("volume", bytes)}, {}));
  }
  std::vector<std::string> List(const Bytes& bytes) {
    std::vector<std::string> paths;
    Value(ListObjects(scratch_.Put("volume", bytes), {}, [&](const ListedEntry& listed) {
      paths.push_back(listed.entry.path);
      return OkStatus();
    }));
    return paths;
  }
  Scratch scratch_;
  VolumeBuilder volume_;
  uint64_t begin_ = 0;
};

std::string TextOf(const VerifyReport& report) {
  std::string text(VerdictName(report.verdict));
  for (const Damage& damage : report.damages) {
    text += "; unit " + std::to_string(damage.unit) + ": " + damage.text;
  }
  return text;
}

// What a torn session left changes no verdict, at any level.
TEST_F(TornTest, AnAppendedVolumeIsSoundByItsBlocksToo) {
  for (uint64_t cut : Cuts()) {
    std::string path = scratch_.Put("volume", CutAndAppended(cut));
    VerifyReport report = Value(VerifyVolume({.volume = path, .level = VerifyLevel::kBlocks}, {}));
    EXPECT_EQ(report.verdict, Verdict::kIntact) << cut << ": " << TextOf(report);
  }
}

TEST_F(TornTest, AVolumeCutAnywhereInItsLastSessionIsTorn) {
  for (uint64_t cut : Cuts()) {
    Bytes torn = BytesOf(volume_.device());
    torn.resize(cut);
    VerifyReport report = Verify(torn);
    EXPECT_EQ(report.verdict, Verdict::kTorn) << cut << ": " << TextOf(report);
    EXPECT_EQ(report.lost_objects, 0u) << cut;
    EXPECT_TRUE(report.lost_paths.empty()) << cut;
  }
}

TEST_F(TornTest, WhatIsAppendedBehindATornSessionIsWhole) {
  for (uint64_t cut : Cuts()) {
    Bytes appended = CutAndAppended(cut);
    VerifyReport report = Verify(appended);
    EXPECT_EQ(report.verdict, Verdict::kIntact) << cut << ": " << TextOf(report);
    EXPECT_EQ(report.sessions, 2u) << cut;
    EXPECT_EQ(List(appended), (std::vector<std::string>{"a", "b", "late"})) << cut;
  }
}

// The blocks of the second copy name the first one: the session had ended (format chapter 8.4).
TEST_F(TornTest, ALastSessionWhoseEndsAreBothDamagedIsDamage) {
  Bytes damaged = BytesOf(volume_.device());
  for (size_t copy : {2u, 3u}) {
    Flip(damaged, PlaceOfBlock(damaged, BlockType::kEnd, copy) + 300);
  }
  VerifyReport report = Verify(damaged);
  EXPECT_EQ(report.verdict, Verdict::kDamaged) << TextOf(report);
  EXPECT_FALSE(report.torn);
}

// Format chapter 1.4.
TEST_F(TornTest, ZerosBehindTheLastEndAreNoPartOfTheVolume) {
  Bytes padded = BytesOf(volume_.device());
  padded.resize(padded.size() + 100'000);
  EXPECT_EQ(Verify(padded).verdict, Verdict::kIntact) << TextOf(Verify(padded));
  padded.resize(padded.size() - 1000);
  EXPECT_EQ(Verify(padded).verdict, Verdict::kIntact) << TextOf(Verify(padded));
}

TEST_F(TornTest, ALostEndThatALaterSessionNamesIsDamage) {
  Check(volume_.Add({File("late", "x")}).status());
  Bytes damaged = BytesOf(volume_.device());
  for (size_t copy : {2u, 3u}) {
    Flip(damaged, PlaceOfBlock(BytesOf(volume_.device()), BlockType::kEnd, copy) + 50);
  }
  VerifyReport report = Verify(damaged);
  EXPECT_EQ(report.verdict, Verdict::kDamaged);
  EXPECT_FALSE(report.torn);
}

}  // namespace
}  // namespace tapir::test
