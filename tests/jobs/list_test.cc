#include <gtest/gtest.h>

#include "tapir/jobs/list_job.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

using Lines = std::vector<std::string>;
using Bytes = std::vector<std::byte>;

/// Two sessions; the second replaces a directory by a file.
class ListTest : public testing::Test {
 protected:
  ListTest() {
    first_ = Value(volume_.Add({File("a", "one"), Directory("dir"), File("dir/old", "two"),
                                Directory("dir/sub"), File("dir/sub/x", "three"), File("z", "z")}));
    second_ = Value(volume_.Add({File("a", "newer"), File("dir", "a file"), File("new", "n")}));
  }

  /// "2 a" for each entry, "2! a" if it is from a torn session.
  Result<Lines> ListFrom(const std::string& path, const Selection& selection) {
    Lines lines;
    Result<ListReport> report = ListObjects(path, selection, [&](const ListedEntry& listed) {
      lines.push_back(std::to_string(listed.session_number) + (listed.torn ? "! " : " ") +
                      listed.entry.path);
      return OkStatus();
    });
    if (!report.ok()) return report.status();
    report_ = *report;
    return lines;
  }
  /// Lists a file and a stream, which have to show the same.
  Result<Lines> List(const Bytes& bytes, const Selection& selection = {}) {
    Pipe pipe(scratch_, bytes);
    Result<Lines> piped = ListFrom(pipe.path(), selection);
    bool piped_torn = report_.torn;
    Result<Lines> lines = ListFrom(scratch_.Put("volume", bytes), selection);
    EXPECT_EQ(piped.status().code(), lines.status().code()) << piped.status().ToString();
    if (piped.ok() && lines.ok()) {
      EXPECT_EQ(*piped, *lines);
      EXPECT_EQ(piped_torn, report_.torn);
    }
    return lines;
  }
  Result<Lines> List(const Selection& selection = {}) { return List(bytes(), selection); }
  Bytes bytes() { return BytesOf(volume_.device()); }

  Scratch scratch_;
  VolumeBuilder volume_;
  WrittenSession first_;
  WrittenSession second_;
  ListReport report_;
};

const Lines kOfFirst = {"1 a", "1 dir", "1 dir/old", "1 dir/sub", "1 dir/sub/x", "1 z"};
const Lines kNewest = {"2 a", "2 dir", "2 new", "1 z"};

TEST_F(ListTest, NewestStateOfEachPath) {
  EXPECT_EQ(Value(List()), kNewest);
  EXPECT_EQ(report_.listed, 4u);
  EXPECT_FALSE(report_.torn);
  EXPECT_TRUE(report_.damages.empty());
}

TEST_F(ListTest, OtherViews) {
  Lines all = kOfFirst;
  all.insert(all.end(), {"2 a", "2 dir", "2 new"});
  EXPECT_EQ(Value(List({.sessions = SessionChoice::kAll})), all);
  EXPECT_EQ(Value(List({.sessions = SessionChoice::kLast})), (Lines{"2 a", "2 dir", "2 new"}));
  EXPECT_EQ(Value(List({.sessions = SessionChoice::kNumber, .session_number = 1})), kOfFirst);
  EXPECT_EQ(Value(List({.at = first_.entry.end})), kOfFirst);
  EXPECT_EQ(Value(List({.at = Timestamp{1, 0}})), Lines{});
  EXPECT_THAT(List({.sessions = SessionChoice::kNumber, .session_number = 9}),
              HasCode(StatusCode::kNotFound));
}

TEST_F(ListTest, PatternsSelectPathsAndWhatIsBelow) {
  Selection first{.sessions = SessionChoice::kNumber, .session_number = 1};
  first.patterns = {"dir/sub", "nothing"};
  EXPECT_EQ(Value(List(first)), (Lines{"1 dir/sub", "1 dir/sub/x"}));
  EXPECT_EQ(report_.unmatched_patterns, Lines{"nothing"});
  first.patterns = {"d*/o*", "/z/"};
  EXPECT_EQ(Value(List(first)), (Lines{"1 dir/old", "1 z"}));
}

TEST_F(ListTest, AFileHidesWhatIsOlderBelowItAlsoFromPlainPaths) {
  EXPECT_EQ(Value(List({.patterns = {"dir/old"}})), Lines{});
  EXPECT_EQ(Value(List({.patterns = {"dir/sub/x", "z"}})), Lines{"1 z"});
  Check(volume_.Add({Directory("dir"), File("dir/sub", "s")}).status());
  EXPECT_EQ(Value(List({.patterns = {"dir/sub/x"}})), Lines{});
  EXPECT_EQ(Value(List({.patterns = {"dir"}})), (Lines{"3 dir", "3 dir/sub"}));
}

TEST_F(ListTest, ACallbackMayStopTheList) {
  Result<ListReport> report = ListObjects(scratch_.Put("volume", bytes()), {},
                                          [](const ListedEntry&) { return Cancelled("enough"); });
  EXPECT_THAT(report, HasCode(StatusCode::kCancelled));
}

TEST_F(ListTest, ADamagedIndexIsReplacedByTheRecords) {
  Bytes damaged = bytes();
  Flip(damaged, PlaceOfBlock(damaged, BlockType::kIndex) + 128 + 64 + 20);
  EXPECT_EQ(Value(List(damaged)), kNewest);
  ASSERT_FALSE(report_.damages.empty());
  EXPECT_EQ(report_.damages[0].kind, DamageKind::kIndex);
  EXPECT_EQ(report_.damages[0].session_number, 1u);
}

TEST_F(ListTest, ASessionIsFoundWithoutItsEnds) {
  Bytes damaged = bytes();
  for (size_t copy : {0u, 1u}) Flip(damaged, PlaceOfBlock(bytes(), BlockType::kEnd, copy) + 50);
  EXPECT_EQ(Value(List(damaged)), kNewest);
  ASSERT_FALSE(report_.damages.empty());
}

TEST_F(ListTest, ALastSessionWithoutItsEndsIsDamagedNotTorn) {
  Bytes damaged = bytes();
  for (size_t copy : {2u, 3u}) {
    Flip(damaged, PlaceOfBlock(bytes(), BlockType::kEnd, copy) + 128 + 64 + 20);
  }
  EXPECT_EQ(Value(List(damaged)), (Lines{"2 a", "2 dir", "2 new", "1 z"}));
  EXPECT_FALSE(report_.torn);
  ASSERT_FALSE(report_.damages.empty());
  EXPECT_EQ(report_.damages[0].session_number, 2u);
}

TEST_F(ListTest, TornSessionsAreShownOnRequest) {
  Bytes torn = bytes();
  torn.resize(PlaceOfBlock(torn, BlockType::kIndex, 1));
  EXPECT_EQ(Value(List(torn)), kOfFirst);
  EXPECT_TRUE(report_.torn);
  EXPECT_EQ(Value(List(torn, {.include_torn = true})), (Lines{"2! a", "2! dir", "2! new", "1 z"}));
  EXPECT_TRUE(report_.damages.empty());
  Selection by_number{.sessions = SessionChoice::kNumber, .session_number = 2};
  EXPECT_THAT(List(torn, by_number), HasCode(StatusCode::kNotFound));
  by_number.include_torn = true;
  EXPECT_EQ(Value(List(torn, by_number)), (Lines{"2! a", "2! dir", "2! new"}));
}

TEST_F(ListTest, TwoTornSessions) {
  volume_.device().Cut(PlaceOfBlock(bytes(), BlockType::kIndex, 1));
  Check(volume_.Add({File("late", "l")}).status());
  EXPECT_EQ(Value(List(bytes())),
            (Lines{"1 a", "1 dir", "1 dir/old", "1 dir/sub", "1 dir/sub/x", "3 late", "1 z"}));
  EXPECT_FALSE(report_.torn);
  volume_.device().Cut(PlaceOfBlock(bytes(), BlockType::kIndex, 1));
  EXPECT_EQ(Value(List(bytes(), {.include_torn = true})),
            (Lines{"2! a", "2! dir", "3! late", "2! new", "1 z"}));
}

TEST_F(ListTest, WhatIsNoVolumeIsNamed) {
  EXPECT_THAT(List(Bytes{}), HasCode(StatusCode::kNotFound));
  Bytes tar(8192);
  std::copy_n(AsBytes("ustar").begin(), 5, tar.begin() + 257);
  Result<Lines> refused = List(tar);
  EXPECT_THAT(refused, HasCode(StatusCode::kForeign));
  EXPECT_NE(refused.status().message().find("a tar archive"), std::string::npos);
}

TEST_F(ListTest, EveryFlippedByteLeavesNamesRightOrSaysSo) {
  Bytes whole = bytes();
  Selection all{.sessions = SessionChoice::kAll};
  Lines right = Value(ListFrom(scratch_.Put("volume", whole), all));
  for (size_t at = 0; at < whole.size(); at += 127) {
    Bytes damaged = whole;
    Flip(damaged, at);
    Result<Lines> lines = ListFrom(scratch_.Put("volume", damaged), all);
    if (!lines.ok()) continue;
    for (const std::string& line : *lines) {
      EXPECT_NE(std::find(right.begin(), right.end(), line), right.end()) << at << ": " << line;
    }
    bool said = !report_.damages.empty() || report_.torn;
    EXPECT_TRUE(*lines == right || said) << "byte " << at;
  }
}

}  // namespace
}  // namespace tapir::test
