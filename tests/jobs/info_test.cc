#include <gtest/gtest.h>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/volume_info.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

using Bytes = std::vector<std::byte>;

class InfoTest : public testing::Test {
 protected:
  InfoTest() {
    first_ = Value(volume_.Add({File("a", "one"), File("b", "two")}));
    volume_.options().with_sha256 = true;
    second_ = Value(volume_.Add({File("a", "newer")}));
  }
  Bytes bytes() { return BytesOf(volume_.device()); }

  Result<VolumeInfo> InfoOfFile(const Bytes& bytes) {
    return ReadVolumeInfo(scratch_.Put("volume", bytes));
  }
  Result<VolumeInfo> InfoOfPipe(const Bytes& bytes) {
    Pipe pipe(scratch_, bytes);
    return ReadVolumeInfo(pipe.path());
  }

  Scratch scratch_;
  VolumeBuilder volume_;
  WrittenSession first_;
  WrittenSession second_;
};

void ExpectSame(const VolumeInfo& left, const VolumeInfo& right) {
  EXPECT_EQ(left.uuid, right.uuid);
  EXPECT_EQ(left.label, right.label);
  EXPECT_EQ(left.created, right.created);
  EXPECT_EQ(left.max_block_bytes, right.max_block_bytes);
  EXPECT_EQ(left.label_damaged, right.label_damaged);
  EXPECT_EQ(left.volume_bytes, right.volume_bytes);
  EXPECT_EQ(left.torn, right.torn);
  EXPECT_EQ(left.torn_first_unit, right.torn_first_unit);
  ASSERT_EQ(left.sessions.size(), right.sessions.size());
  for (size_t i = 0; i < left.sessions.size(); ++i) {
    const SessionInfo& a = left.sessions[i];
    const SessionInfo& b = right.sessions[i];
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.end, b.end);
    EXPECT_EQ(a.object_count, b.object_count);
    EXPECT_EQ(a.first_unit, b.first_unit);
    EXPECT_EQ(a.digests, b.digests);
    EXPECT_EQ(a.options, b.options);
    EXPECT_EQ(a.end_digest, b.end_digest);
    EXPECT_EQ(a.end_readable, b.end_readable);
    EXPECT_EQ(a.supported, b.supported);
  }
}

TEST_F(InfoTest, LabelAndSessions) {
  VolumeInfo info = Value(InfoOfFile(bytes()));
  EXPECT_EQ(info.label, "test volume");
  EXPECT_EQ(info.uuid, "10111213-1415-1617-1819-1a1b1c1d1e1f");
  EXPECT_EQ(info.volume_bytes, bytes().size());
  EXPECT_FALSE(info.torn);
  EXPECT_FALSE(info.label_damaged);
  EXPECT_EQ(info.being_written_by, "");
  ASSERT_EQ(info.sessions.size(), 2u);
  EXPECT_EQ(info.sessions[0].number, 1u);
  EXPECT_EQ(info.sessions[0].object_count, 2u);
  EXPECT_EQ(info.sessions[0].content_bytes, 6u);
  EXPECT_EQ(info.sessions[0].digests, "xxh128");
  EXPECT_EQ(info.sessions[1].digests, "xxh128 sha256");
  EXPECT_EQ(info.sessions[1].end, second_.entry.end);
  EXPECT_EQ(info.sessions[1].end_digest, ToHex(second_.entry.end_digest));
  EXPECT_NE(info.sessions[1].options, "");
  EXPECT_TRUE(info.sessions[0].end_readable);
  ExpectSame(info, Value(InfoOfPipe(bytes())));
}

TEST_F(InfoTest, ALabelledVolumeWithoutSessions) {
  Bytes empty = bytes();
  empty.resize(volume_.label_bytes());
  VolumeInfo info = Value(InfoOfFile(empty));
  EXPECT_TRUE(info.sessions.empty());
  EXPECT_FALSE(info.torn);
  ExpectSame(info, Value(InfoOfPipe(empty)));
}

TEST_F(InfoTest, ADamagedLabelIsTakenFromItsCopy) {
  for (uint64_t at : {10u, 128u + 30u, 128u + 64u + 20u}) {
    Bytes damaged = bytes();
    Flip(damaged, at);
    VolumeInfo info = Value(InfoOfFile(damaged));
    EXPECT_TRUE(info.label_damaged) << at;
    EXPECT_EQ(info.label, "test volume") << at;
    EXPECT_EQ(info.sessions.size(), 2u) << at;
    ExpectSame(info, Value(InfoOfPipe(damaged)));
  }
}

TEST_F(InfoTest, ASessionWhoseEndsAreDamaged) {
  Bytes damaged = bytes();
  Flip(damaged, PlaceOfBlock(damaged, BlockType::kEnd, 0) + 128 + 64 + 30);
  VolumeInfo info = Value(InfoOfFile(damaged));
  EXPECT_TRUE(info.sessions[0].end_readable) << "the second copy is there";
  Flip(damaged, PlaceOfBlock(damaged, BlockType::kEnd, 1) + 128 + 64 + 30);
  info = Value(InfoOfFile(damaged));
  ASSERT_EQ(info.sessions.size(), 2u);
  EXPECT_FALSE(info.sessions[0].end_readable);
  EXPECT_TRUE(info.sessions[1].end_readable);
  EXPECT_FALSE(info.torn);
  ExpectSame(info, Value(InfoOfPipe(damaged)));
}

TEST_F(InfoTest, ALastSessionWhoseEndsAreDamagedIsNamed) {
  Bytes damaged = bytes();
  for (size_t copy : {2u, 3u}) {
    Flip(damaged, PlaceOfBlock(bytes(), BlockType::kEnd, copy) + 128 + 64 + 30);
  }
  VolumeInfo info = Value(InfoOfFile(damaged));
  ASSERT_EQ(info.sessions.size(), 2u);
  EXPECT_TRUE(info.sessions[0].end_readable);
  EXPECT_FALSE(info.sessions[1].end_readable);
  EXPECT_EQ(info.sessions[1].status, "unknown");
  EXPECT_EQ(info.sessions[1].number, 2u);
  EXPECT_FALSE(info.torn);
  ExpectSame(info, Value(InfoOfPipe(damaged)));
}

TEST_F(InfoTest, ASessionWhoseStartIsDamaged) {
  Bytes damaged = bytes();
  Flip(damaged, PlaceOfBlock(damaged, BlockType::kStart, 0) + 128 + 64 + 30);
  VolumeInfo info = Value(InfoOfFile(damaged));
  ASSERT_EQ(info.sessions.size(), 2u);
  EXPECT_EQ(info.sessions[0].digests, "xxh128") << "its END has a copy";
  EXPECT_EQ(info.sessions[0].object_count, 2u);
  ExpectSame(info, Value(InfoOfPipe(damaged)));
}

TEST_F(InfoTest, ATornSessionAndItsPlace) {
  uint64_t start = PlaceOfBlock(bytes(), BlockType::kStart, 1);
  for (BlockType type : {BlockType::kIndex, BlockType::kEnd}) {
    Bytes torn = bytes();
    torn.resize(PlaceOfBlock(torn, type, type == BlockType::kEnd ? 2 : 1));
    VolumeInfo info = Value(InfoOfFile(torn));
    EXPECT_TRUE(info.torn);
    EXPECT_EQ(info.torn_first_unit * 4096, start);
    EXPECT_EQ(info.sessions.size(), 1u);
    ExpectSame(info, Value(InfoOfPipe(torn)));
  }
}

TEST_F(InfoTest, ACutInTheMiddleOfABlock) {
  uint64_t start = PlaceOfBlock(bytes(), BlockType::kStart, 1);
  Bytes torn = bytes();
  torn.resize(start + 1000);
  VolumeInfo info = Value(InfoOfFile(torn));
  EXPECT_TRUE(info.torn);
  EXPECT_EQ(info.torn_first_unit * 4096, start);
  ExpectSame(info, Value(InfoOfPipe(torn)));
}

TEST_F(InfoTest, WhatIsNoVolume) {
  EXPECT_THAT(ReadVolumeInfo(scratch_.At("missing")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(InfoOfFile({}), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(InfoOfPipe({}), HasCode(StatusCode::kNotFound));
  Bytes newer = bytes();
  MakeNewer(newer);
  EXPECT_THAT(InfoOfFile(newer), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(InfoOfPipe(newer), HasCode(StatusCode::kUnsupported));
  Result<VolumeInfo> foreign = InfoOfFile(Bytes(5000, std::byte{'x'}));
  EXPECT_THAT(foreign, HasCode(StatusCode::kForeign));
  EXPECT_NE(foreign.status().message().find(scratch_.At("volume")), std::string::npos);
}

}  // namespace
}  // namespace tapir::test
