#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "object/session_writer.h"
#include "tapir/device/fault_device.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

constexpr uint32_t kBlockBytes = 256u << 10;

MemoryObject Linked(MemoryObject object, uint64_t inode, uint32_t link_count) {
  object.inode = inode;
  object.link_count = link_count;
  return object;
}

// Small and large files, some equal to others, and names of one file far from each other.
std::vector<MemoryObject> MakeMixedTree() {
  std::vector<MemoryObject> objects = {Linked(File("a", RandomBytes(30'000, 1)), 700, 3)};
  for (uint64_t i = 0; i < 30; ++i) {
    objects.push_back(File("b" + std::to_string(10 + i), RandomBytes(20'000, 100 + i % 11)));
  }
  objects.push_back(Linked(File("c", RandomBytes(30'000, 1)), 700, 3));
  objects.push_back(File("d_large", RandomBytes(9u << 20, 2)));
  objects.push_back(File("e_held", RandomBytes(1u << 20, 3)));
  objects.push_back(File("f_held", RandomBytes(1u << 20, 3)));
  for (uint64_t i = 0; i < 10; ++i) {
    objects.push_back(File("g" + std::to_string(10 + i), RandomBytes(20'000, 100 + i)));
  }
  objects.push_back(Linked(File("h", RandomBytes(30'000, 1)), 700, 3));
  return objects;
}

const std::vector<MemoryObject>& MixedTree() {
  static const std::vector<MemoryObject> tree = MakeMixedTree();
  return tree;
}

/// Volumes of one set in memory, each of which may end early.
class Volumes {
 public:
  explicit Volumes(std::vector<MemoryObject> objects) : source_(objects), replay_(source_) {
    for (const MemoryObject& object : objects) wanted_[object.path] = object.bytes;
    options_.ambient = &ambient_;
    options_.reporter = &reporter_;
    options_.may_continue = true;
    options_.zstd_level = 0;
    spanning_.source = &replay_;
  }

  SessionOptions& options() { return options_; }
  const Spanning& spanning() const { return spanning_; }
  const std::vector<VolumeDump>& dumps() const { return dumps_; }
  const CollectingReporter& reporter() const { return reporter_; }

  /// Writes to the next volume; what was written on it is dumped.
  WrittenSession Write(const FaultPlan& plan = {}) {
    Label label = FixedLabel(kBlockBytes);
    label.volume_sequence = static_cast<uint32_t>(dumps_.size() + 1);
    label.volume_uuid[0] = static_cast<std::byte>(dumps_.size() + 1);
    MemoryDevice memory({.like_tape = true});
    AppendPoint point = Value(WriteLabel(memory, label));
    FaultDevice device(memory, plan);
    if (!dumps_.empty()) replay_.Rewind();
    WrittenSession written = Value(WriteSession(device, point, replay_, options_, &spanning_));
    writes_ = device.calls(DeviceCall::kWrite);
    Check(memory.Locate({}));
    dumps_.push_back(DumpVolume(memory));
    return written;
  }
  uint64_t writes() const { return writes_; }

  /// Everything that the source has is on the volumes, each of which agrees with itself.
  void ExpectAll() const {
    std::map<std::string, std::string> found;
    std::map<std::string, std::string> pieces;
    for (const VolumeDump& dump : dumps_) {
      EXPECT_EQ(dump.damage.size(), 0u);
      EXPECT_EQ(dump.faults, std::vector<std::string>());
      for (const DumpedSession& session : dump.sessions) Take(session, pieces, found);
    }
    EXPECT_EQ(found.size(), wanted_.size());
    for (const auto& [path, bytes] : wanted_) {
      EXPECT_TRUE(found.contains(path) && found[path] == bytes) << path;
    }
  }

 private:
  static void Take(const DumpedSession& session, std::map<std::string, std::string>& pieces,
                   std::map<std::string, std::string>& found) {
    // A volume that ended too early has no END, and what it holds counts all the same.
    if (session.ends.size() == 2) {
      EXPECT_EQ(FaultsOf(session), std::vector<std::string>());
    }
    for (const DumpedObject& object : session.objects) {
      if (!object.end) continue;
      const Metadata& metadata = object.begin.metadata;
      const DumpedObject* holder = &object;
      if (metadata.type == ObjectType::kHardLink) holder = session.Find(metadata.primary_path);
      ASSERT_NE(holder, nullptr) << metadata.path << " links to another volume";
      std::string& bytes = pieces[metadata.path];
      if (metadata.fragment_offset) {
        EXPECT_EQ(*metadata.fragment_offset, bytes.size());
      } else {
        bytes.clear();
      }
      bytes += ContentsOf(session, *holder);
      if (object.end->status != ObjectStatus::kContinued) found[metadata.path] = bytes;
    }
  }

  FixedAmbient ambient_;
  CollectingReporter reporter_;
  MemorySource source_;
  ReplaySource replay_;
  SessionOptions options_;
  Spanning spanning_;
  std::map<std::string, std::string> wanted_;
  std::vector<VolumeDump> dumps_;
  uint64_t writes_ = 0;
};

uint64_t WritesOfWhole(int zstd_level) {
  Volumes volumes(MixedTree());
  volumes.options().zstd_level = zstd_level;
  EXPECT_FALSE(volumes.Write().continued);
  volumes.ExpectAll();
  return volumes.writes();
}

TEST(Spanning, GoesOnBehindAWarningAtAnyBlock) {
  for (int zstd_level : {0, 3}) {
    uint64_t writes = WritesOfWhole(zstd_level);
    ASSERT_GT(writes, 30u);
    for (uint64_t n = 1; n <= writes; n += Thinned(1)) {
      SCOPED_TRACE("warning at block " + std::to_string(n));
      Volumes volumes(MixedTree());
      volumes.options().zstd_level = zstd_level;
      volumes.options().threads = n % 2 == 0 ? 1 : 3;
      WrittenSession first = volumes.Write({.early_warning_at_write = n});
      EXPECT_TRUE(first.has_end);
      if (first.continued) {
        EXPECT_FALSE(volumes.Write().continued);
      }
      volumes.ExpectAll();
      const DumpedSession& session = volumes.dumps()[0].sessions[0];
      ASSERT_FALSE(session.ends.empty());
      EXPECT_EQ(session.ends[0].status == SessionStatus::kContinued, first.continued);
    }
  }
}

TEST(Spanning, GoesOnBehindAnEndWithoutWarningAtAnyBlock) {
  uint64_t writes = WritesOfWhole(0);
  for (uint64_t n = 1; n <= writes; n += Thinned(1)) {
    SCOPED_TRACE("end at block " + std::to_string(n));
    Volumes volumes(MixedTree());
    volumes.options().threads = n % 2 == 0 ? 1 : 3;
    WrittenSession first = volumes.Write({.end_of_medium_at_write = n});
    EXPECT_NE(first.continued, first.has_end);
    if (first.has_end) {
      // There was room for the first END, and it says that nothing is missing.
      EXPECT_EQ(n, writes);
      volumes.ExpectAll();
      continue;
    }
    EXPECT_FALSE(volumes.Write().continued);
    volumes.ExpectAll();
    ASSERT_TRUE(volumes.dumps()[1].sessions[0].start->continues);
    EXPECT_TRUE(AllZero(volumes.dumps()[1].sessions[0].start->continues->end_digest));
  }
}

TEST(Spanning, AFileMayTakeSeveralVolumes) {
  std::string bytes = RandomBytes(30u << 20, 5);
  Volumes volumes({File("before", "x"), File("huge", bytes), File("then", "y")});
  volumes.options().with_sha256 = true;
  while (volumes.Write({.early_warning_at_write = 20}).continued) {
    ASSERT_LT(volumes.dumps().size(), 10u);
    EXPECT_EQ(volumes.spanning().cut->begin.metadata.path, "huge");
  }
  EXPECT_GT(volumes.dumps().size(), 3u);
  volumes.ExpectAll();
  const DumpedSession& last = volumes.dumps().back().sessions[0];
  const DumpedObject* huge = last.Find("huge");
  ASSERT_NE(huge, nullptr);
  ASSERT_TRUE(huge->end->whole);
  EXPECT_EQ(huge->end->whole->size, bytes.size());
  StreamDigester digester(true);
  digester.Update(AsBytes(bytes));
  EXPECT_EQ(huge->end->whole->digests, digester.Finish());
  EXPECT_EQ(last.entries.front().size, bytes.size());
  EXPECT_TRUE(last.entries.front().fragment);
}

TEST(Spanning, VolumesNameEachOther) {
  Volumes volumes(MixedTree());
  WrittenSession first = volumes.Write({.early_warning_at_write = 4});
  WrittenSession second = volumes.Write();
  ASSERT_TRUE(first.continued);
  const DumpedSession& session = volumes.dumps()[1].sessions[0];
  ASSERT_TRUE(session.start && session.start->continues);
  EXPECT_EQ(session.start->continues->volume_uuid, volumes.dumps()[0].label->volume_uuid);
  EXPECT_EQ(session.start->continues->volume_sequence, 1u);
  EXPECT_EQ(session.start->continues->session_id, first.entry.session_id);
  EXPECT_EQ(session.start->continues->end_digest, first.entry.end_digest);
  EXPECT_FALSE(second.continued);
  // Contents and names of the volume before are not referred to; the name is told.
  const DumpedObject* name = session.Find("h");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name->begin.metadata.type, ObjectType::kRegular);
  EXPECT_EQ(name->begin.metadata.earlier_name, "a");
}

TEST(Spanning, TellsOfEveryFlawOnce) {
  std::vector<MemoryObject> objects = MixedTree();
  for (MemoryObject& object : objects) object.closes_as = ObjectStatus::kChanged;
  uint64_t writes = WritesOfWhole(0);
  for (uint64_t n = 2; n < writes; n += Thinned(7)) {
    Volumes volumes(objects);
    uint64_t flawed = volumes.Write({.early_warning_at_write = n}).totals.flawed;
    flawed += volumes.Write().totals.flawed;
    // Two are further names, of which one may be stored as a file again on the second volume.
    EXPECT_TRUE(flawed == objects.size() - 2 || flawed == objects.size() - 1) << flawed;
    EXPECT_EQ(volumes.reporter().notices().size(), flawed);
  }
}

TEST(Spanning, WithoutAnotherVolumeTheEndIsAFailure) {
  VolumeBuilder builder(FixedLabel(kBlockBytes), true);
  FaultDevice device(builder.device(), {.end_of_medium_at_write = 5});
  AppendPoint point = Value(WriteLabel(device, FixedLabel(kBlockBytes)));
  MemorySource source(MixedTree());
  EXPECT_EQ(WriteSession(device, point, source, builder.options()).status().code(),
            StatusCode::kEndOfMedium);
}

}  // namespace
}  // namespace tapir::test
