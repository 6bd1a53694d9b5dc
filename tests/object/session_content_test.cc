#include <gtest/gtest.h>

#include "object/loader.h"
#include "object/session_writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

using testing::IsEmpty;

constexpr size_t kSmall = 10'000;
constexpr size_t kMid = 3u << 20;
constexpr size_t kLarge = 18u << 20;

struct Outcome {
  WrittenSession written;
  DumpedSession session;
  std::vector<CollectingReporter::Notice> notices;
};

// Archives the objects with these options and reads the session back, which must be free of faults.
Outcome Archive(std::vector<MemoryObject> objects, const SessionOptions& wanted = {}) {
  VolumeBuilder volume(FixedLabel(1u << 20));
  volume.options().dedup = wanted.dedup;
  volume.options().zstd_level = wanted.zstd_level;
  volume.options().with_sha256 = wanted.with_sha256;
  volume.options().session_records = wanted.session_records;
  MemorySource source(std::move(objects));
  Outcome outcome{Value(volume.Add(source)), {}, volume.reporter().notices()};
  EXPECT_EQ(source.counters().misuse, 0u);
  VolumeDump dump = DumpVolume(volume.device());
  EXPECT_THAT(dump.faults, IsEmpty());
  EXPECT_EQ(dump.damage.size(), 0u);
  EXPECT_EQ(dump.sessions.size(), 1u);
  outcome.session = dump.sessions.at(0);
  EXPECT_THAT(FaultsOf(outcome.session), IsEmpty());
  return outcome;
}

const DumpedObject& Get(const Outcome& outcome, const std::string& path) {
  const DumpedObject* object = outcome.session.Find(path);
  if (object == nullptr) throw std::runtime_error("no object " + path);
  return *object;
}

TEST(SessionContent, EverySizeReadsBackStoredAndCompressed) {
  std::vector<MemoryObject> objects;
  size_t number = 0;
  for (size_t size : {0u, 1u, 127u, 128u, 4096u, 524'287u, 524'288u, 524'289u, 1'044'480u,
                      1'044'481u, 2'088'960u, 2'097'152u, 16u << 20, (16u << 20) + 1}) {
    std::string name = std::to_string(100 + ++number);
    objects.push_back(File(name + "r", RandomBytes(size, size)));
    objects.push_back(File(name + "t", TextBytes(size, size)));
  }
  for (int level : {0, 3}) {
    Outcome outcome = Archive(objects, {.zstd_level = level});
    EXPECT_THAT(outcome.notices, IsEmpty());
    EXPECT_EQ(outcome.written.totals.objects, objects.size());
    EXPECT_EQ(outcome.session.zstd_chunks > 0, level > 0);
    for (const MemoryObject& object : objects) {
      EXPECT_TRUE(ContentsOf(outcome.session, Get(outcome, object.path)) == object.bytes)
          << object.path;
    }
  }
}

TEST(SessionContent, AllKindsWithAllTheirMetadata) {
  MemoryObject device = File("c", "");
  device.type = ObjectType::kCharDevice;
  device.metadata.device_major = 4;
  device.metadata.device_minor = 300'000;
  MemoryObject disk = device;
  disk.path = "b";
  disk.type = ObjectType::kBlockDevice;
  MemoryObject fifo = File("f", "");
  fifo.type = ObjectType::kFifo;
  fifo.metadata.mtime = {-5, 999'999'999};
  MemoryObject file = File("n\xFF\nx", "contents");
  file.metadata.mode = 07777;
  file.metadata.uid = 4'000'000'000u;
  file.metadata.owner_name = "somebody";
  file.metadata.group_name = "users";
  file.metadata.xattrs = {{"security.capability", std::string(20, '\0')}, {"user.empty", ""}};
  file.metadata.has_access_time = true;
  file.metadata.access_time = {17, 18};
  file.metadata.other_names = {"elsewhere/x", "elsewhere/y"};
  Outcome outcome = Archive({device, disk, fifo, file});
  for (const MemoryObject& expected : {device, disk, fifo, file}) {
    Metadata wanted = expected.metadata;
    wanted.path = expected.path;
    wanted.type = expected.type;
    wanted.size = expected.bytes.size();
    EXPECT_EQ(EncodeObjectBegin(7, Get(outcome, expected.path).begin.metadata),
              EncodeObjectBegin(7, wanted))
        << expected.path;
  }
}

TEST(SessionContent, HolesAreKeptAndCostNothing) {
  MemoryObject sparse = File("a", "");
  sparse.ranges = {{1u << 20, RandomBytes(100'000, 1)}, {5u << 20, std::string(3000, 'x')}};
  sparse.size = 9u << 20;
  MemoryObject hole = File("b", "");
  hole.size = 50'000;
  MemoryObject huge = File("c", "begin");
  huge.ranges = {{uint64_t{1} << 40, "end"}};
  MemoryObject tail = File("d", "begin");
  tail.size = uint64_t{1} << 42;
  Outcome outcome = Archive({sparse, hole, huge, tail}, {.with_sha256 = true});
  EXPECT_LT(outcome.written.volume_bytes, 1u << 20);
  std::string expected(9u << 20, '\0');
  sparse.CopyOut(0, std::as_writable_bytes(std::span(expected)));
  EXPECT_TRUE(ContentsOf(outcome.session, Get(outcome, "a")) == expected);
  EXPECT_EQ(Get(outcome, "b").end->contents()->data_bytes, 0u);
  EXPECT_FALSE(Get(outcome, "b").end->contents()->map_digest);
  EXPECT_TRUE(Get(outcome, "c").end->contents()->map_digest);
  ASSERT_EQ(Get(outcome, "c").data.size(), 2u);
  EXPECT_EQ(Get(outcome, "c").data[1], std::pair(uint64_t{1} << 40, std::string("end")));
  EXPECT_TRUE(Get(outcome, "d").end->contents()->map_digest);
}

TEST(SessionContent, EqualFilesAreStoredOnce) {
  for (bool sha256 : {false, true}) {
    for (size_t size : {size_t{128}, kSmall, kMid, kLarge}) {
      std::string bytes = RandomBytes(size, size);
      std::string other = bytes;
      other.back() = static_cast<char>(other.back() ^ 1);
      Outcome outcome =
          Archive({File("a", bytes), File("b", other), File("c", bytes), File("d", bytes)},
                  {.with_sha256 = sha256});
      for (const char* path : {"c", "d"}) {
        ASSERT_TRUE(Get(outcome, path).reference.has_value()) << path << size;
        EXPECT_EQ(Get(outcome, path).reference->target_ordinal, 0u);
        EXPECT_EQ(Get(outcome, path).reference->length, size);
        EXPECT_TRUE(Get(outcome, path).data.empty());
        EXPECT_TRUE(ContentsOf(outcome.session, Get(outcome, path)) == bytes);
      }
      EXPECT_TRUE(ContentsOf(outcome.session, Get(outcome, "b")) == other);
      EXPECT_TRUE(Get(outcome, "a").data.size() > 0);
    }
  }
}

TEST(SessionContent, ShortFilesAndSessionsWithoutDedupStoreAll) {
  Outcome tiny = Archive({File("a", std::string(127, 'x')), File("b", std::string(127, 'x'))});
  EXPECT_EQ(tiny.written.totals.references, 0u);
  for (size_t size : {kSmall, kMid, kLarge}) {
    std::string bytes = RandomBytes(size, 5);
    Outcome outcome = Archive({File("a", bytes), File("b", bytes)}, {.dedup = false});
    EXPECT_EQ(outcome.written.totals.references, 0u);
  }
}

TEST(SessionContent, AnEqualPrefixOfLargeFilesIsReferredTo) {
  std::string first = RandomBytes(kLarge, 1);
  for (int level : {0, 3}) {
    for (size_t differs_at : {size_t{0}, size_t{5} << 20, kLarge - 1}) {
      std::string second = first;
      second[differs_at] = static_cast<char>(second[differs_at] ^ 4);
      Outcome outcome = Archive({File("a", first), File("b", second)}, {.zstd_level = level});
      const DumpedObject& object = Get(outcome, "b");
      EXPECT_EQ(object.reference.has_value(), differs_at > 3u << 20);
      uint64_t length = object.reference ? object.reference->length : 0;
      EXPECT_LE(length, differs_at);
      EXPECT_GE(length + (3u << 20), differs_at);
      EXPECT_TRUE(ContentsOf(outcome.session, object) == second);
    }
  }
}

TEST(SessionContent, NothingIsReferredToThatChangedSince) {
  for (size_t size : {kSmall, kMid, kLarge}) {
    std::string bytes = RandomBytes(size, 8);
    for (ObjectStatus state : {ObjectStatus::kOk, ObjectStatus::kChanged}) {
      MemoryObject first = File("a", bytes);
      first.reopens = state != ObjectStatus::kOk;
      first.closes_as = state;
      Outcome outcome = Archive({first, File("b", bytes)});
      EXPECT_FALSE(Get(outcome, "b").reference.has_value()) << size;
      EXPECT_TRUE(ContentsOf(outcome.session, Get(outcome, "b")) == bytes);
    }
  }
}

TEST(SessionContent, SparseFilesAreNeitherReferredToNorReferring) {
  std::string bytes = RandomBytes(kMid, 3);
  MemoryObject sparse = File("a", bytes);
  sparse.size = kMid + 100'000;
  std::string padded = bytes + std::string(100'000, '\0');
  MemoryObject again = sparse;
  again.path = "c";
  Outcome outcome = Archive({sparse, File("b", padded), again});
  EXPECT_EQ(outcome.written.totals.references, 0u);
  EXPECT_EQ(Get(outcome, "a").end->contents()->digests, Get(outcome, "b").end->contents()->digests);
}

TEST(SessionContent, OpaqueRecordsAndPolicyTravelAlong) {
  MemoryObject small = File("a", "x");
  small.metadata.opaque_records = {{0x20, "sis body"}, {0x21, std::string(300'000, 'r')}};
  MemoryObject large = File("b", RandomBytes(kMid, 1));
  large.metadata.opaque_records = {{0x21, "odd length."}};
  Outcome outcome = Archive({small, large}, {.session_records = {{0x22, "policy"}, {0x22, ""}}});
  EXPECT_EQ(Get(outcome, "a").opaque, small.metadata.opaque_records);
  EXPECT_EQ(Get(outcome, "b").opaque, large.metadata.opaque_records);
  ASSERT_EQ(outcome.session.policy.size(), 2u);
  EXPECT_EQ(outcome.session.policy[0].body, "policy");
}

TEST(SessionContent, ManyAndLargeXattrs) {
  MemoryObject file = File("a", "x");
  for (int i = 0; i < 60; ++i) {
    file.metadata.xattrs.push_back({"user." + std::to_string(100 + i), std::string(60'000, 'v')});
  }
  MemoryObject over = file;
  over.path = "b";
  for (int i = 0; i < 60; ++i) {
    over.metadata.xattrs.push_back({"user." + std::to_string(200 + i), std::string(60'000, 'w')});
  }
  Outcome outcome = Archive({file, over});
  EXPECT_EQ(Get(outcome, "a").begin.metadata.xattrs, file.metadata.xattrs);
  EXPECT_LT(Get(outcome, "b").begin.metadata.xattrs.size(), 120u);
  ASSERT_EQ(outcome.notices.size(), 1u);
  EXPECT_EQ(outcome.notices[0].subject, "b");
}

}  // namespace
}  // namespace tapir::test
