#include "object/session_writer.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

using testing::IsEmpty;

std::vector<MemoryObject> SmallTree() {
  MemoryObject link = Directory("d/link");
  link.type = ObjectType::kSymlink;
  link.metadata.link_target = "../elsewhere";
  return {Directory("."),      Directory("d"), File("d/a", TextBytes(1000, 1)),
          File("d/empty", ""), link,           File("e", RandomBytes(70'000, 2))};
}

void ExpectSame(const DumpedSession& session, const std::vector<MemoryObject>& objects) {
  ASSERT_EQ(session.objects.size(), objects.size());
  for (const MemoryObject& expected : objects) {
    const DumpedObject* object = session.Find(expected.path);
    ASSERT_NE(object, nullptr) << expected.path;
    EXPECT_EQ(object->begin.metadata.mode, expected.metadata.mode) << expected.path;
    EXPECT_EQ(object->begin.metadata.mtime, expected.metadata.mtime) << expected.path;
    if (expected.sparse()) continue;
    EXPECT_TRUE(ContentsOf(session, *object) == expected.bytes) << expected.path;
  }
}

TEST(WriteSession, OneSessionReadsBack) {
  VolumeBuilder volume;
  ASSERT_THAT(volume.Add(SmallTree()), IsOk());
  VolumeDump dump = DumpVolume(volume.device());
  EXPECT_THAT(dump.faults, IsEmpty());
  EXPECT_TRUE(dump.damage.empty());
  ASSERT_EQ(dump.sessions.size(), 1u);
  EXPECT_THAT(FaultsOf(dump.sessions[0]), IsEmpty());
  ExpectSame(dump.sessions[0], SmallTree());
  EXPECT_EQ(dump.label->name, "test volume");
}

TEST(WriteSession, OnTapeTheSameObjectsComeBack) {
  VolumeBuilder volume(FixedLabel(), true);
  ASSERT_THAT(volume.Add(SmallTree()), IsOk());
  VolumeDump dump = DumpVolume(volume.device());
  EXPECT_THAT(dump.faults, IsEmpty());
  EXPECT_TRUE(dump.damage.empty());
  ASSERT_EQ(dump.sessions.size(), 1u);
  EXPECT_THAT(FaultsOf(dump.sessions[0]), IsEmpty());
  ExpectSame(dump.sessions[0], SmallTree());
}

TEST(WriteSession, AnEmptySourceIsASessionWithoutObjects) {
  VolumeBuilder volume;
  WrittenSession written = Value(volume.Add(std::vector<MemoryObject>{}));
  EXPECT_EQ(written.entry.object_count, 0u);
  VolumeDump dump = DumpVolume(volume.device());
  EXPECT_THAT(dump.faults, IsEmpty());
  ASSERT_EQ(dump.sessions.size(), 1u);
  EXPECT_THAT(FaultsOf(dump.sessions[0]), IsEmpty());
}

TEST(WriteSession, SessionsFollowEachOtherAndNameThoseBefore) {
  VolumeBuilder volume;
  std::vector<SessionEntry> written;
  for (int i = 0; i < 3; ++i) written.push_back(Value(volume.Add(SmallTree())).entry);
  VolumeDump dump = DumpVolume(volume.device());
  EXPECT_THAT(dump.faults, IsEmpty());
  EXPECT_TRUE(dump.damage.empty());
  ASSERT_EQ(dump.sessions.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(FaultsOf(dump.sessions[i]), IsEmpty());
    EXPECT_EQ(dump.sessions[i].start->session_number, i + 1);
    ASSERT_EQ(dump.sessions[i].ends[0].earlier.size(), i);
    for (size_t j = 0; j < i; ++j) {
      EXPECT_EQ(dump.sessions[i].ends[0].earlier[j].end_digest, written[j].end_digest);
      EXPECT_EQ(dump.sessions[i].ends[0].earlier[j].end_place, written[j].end_place);
      EXPECT_EQ(dump.sessions[i].ends[0].earlier[j].start_place, written[j].start_place);
    }
  }
}

TEST(WriteSession, WritesTheLargestBlocksAndFullOnes) {
  for (uint32_t block_bytes : {64u << 10, 1u << 20, 8u << 20}) {
    for (bool full_blocks : {false, true}) {
      VolumeBuilder volume(FixedLabel(block_bytes, full_blocks));
      volume.options().zstd_level = full_blocks ? 3 : 0;
      auto objects = SmallTree();
      objects.push_back(File("f", RandomBytes(9u << 20, 3)));
      ASSERT_THAT(volume.Add(objects), IsOk());
      EXPECT_TRUE(!full_blocks || volume.device().bytes().size() % block_bytes == 0);
      VolumeDump dump = DumpVolume(volume.device());
      EXPECT_THAT(dump.faults, IsEmpty());
      EXPECT_TRUE(dump.damage.empty());
      ASSERT_EQ(dump.sessions.size(), 1u);
      EXPECT_THAT(FaultsOf(dump.sessions[0]), IsEmpty());
      EXPECT_GT(dump.sessions[0].aligned_chunks, 0u);
      ExpectSame(dump.sessions[0], objects);
    }
  }
}

TEST(WriteSession, NothingIsAppendedBehindASessionWhoseEndIsLost) {
  VolumeState state;
  Check(AppendPointOf(state).status());
  state.lost_end = SessionId{};
  EXPECT_THAT(AppendPointOf(state), HasCode(StatusCode::kCorrupt));
}

}  // namespace
}  // namespace tapir::test
