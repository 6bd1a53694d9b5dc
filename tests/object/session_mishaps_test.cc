#include <gtest/gtest.h>

#include <atomic>

#include "object/session_writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

using testing::IsEmpty;

constexpr size_t kSizes[] = {10'000, 3u << 20, 18u << 20};

// Files that something happened to, between two that are well.
class SessionMishaps : public testing::Test {
 protected:
  void Archive(std::vector<MemoryObject> objects) {
    objects.push_back(File("+first", "one"));
    objects.push_back(File("~last", "two"));
    MemorySource source(std::move(objects));
    ASSERT_THAT(volume_.Add(source), IsOk());
    EXPECT_EQ(source.counters().misuse, 0u);
    VolumeDump dump = DumpVolume(volume_.device());
    EXPECT_THAT(dump.faults, IsEmpty());
    ASSERT_EQ(dump.sessions.size(), 1u);
    session_ = dump.sessions[0];
    EXPECT_THAT(FaultsOf(session_), IsEmpty());
    EXPECT_EQ(ContentsOf(session_, *session_.Find("~last")), "two");
  }
  const DumpedObject& Get(const std::string& path) {
    const DumpedObject* object = session_.Find(path);
    if (object == nullptr) throw std::runtime_error("no object " + path);
    return *object;
  }
  ObjectStatus StatusOf(const std::string& path) { return Get(path).end->status; }

  VolumeBuilder volume_;
  DumpedSession session_;
};

TEST_F(SessionMishaps, FilesThatBecomeShorter) {
  std::vector<MemoryObject> objects;
  for (size_t size : kSizes) {
    objects.push_back(File(std::to_string(size), RandomBytes(size, size)));
    objects.back().ends_at = size / 2 + 1;
  }
  Archive(objects);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(StatusOf(object.path), ObjectStatus::kShort);
    EXPECT_TRUE(ContentsOf(session_, Get(object.path)) ==
                object.bytes.substr(0, object.bytes.size() / 2 + 1));
    EXPECT_EQ(volume_.reporter().CountOf(object.path), 1u);
  }
}

TEST_F(SessionMishaps, FilesThatChange) {
  std::vector<MemoryObject> objects;
  for (size_t size : kSizes) {
    objects.push_back(File(std::to_string(size), RandomBytes(size, size)));
    objects.back().closes_as = ObjectStatus::kChanged;
  }
  Archive(objects);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(StatusOf(object.path), ObjectStatus::kChanged);
    EXPECT_TRUE(ContentsOf(session_, Get(object.path)) == object.bytes);
    EXPECT_EQ(volume_.reporter().CountOf(object.path), 1u);
  }
}

TEST_F(SessionMishaps, FilesThatCannotBeReadToTheirEnd) {
  std::vector<MemoryObject> objects;
  for (size_t size : kSizes) {
    objects.push_back(File(std::to_string(size), RandomBytes(size, size)));
    objects.back().fails_at = size / 2;
  }
  Archive(objects);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(StatusOf(object.path), ObjectStatus::kUnreadable);
    std::string stored = ContentsOf(session_, Get(object.path));
    EXPECT_TRUE(object.bytes.starts_with(stored));
    EXPECT_LE(stored.size(), object.bytes.size() / 2);
    EXPECT_GE(volume_.reporter().CountOf(object.path), 1u);
  }
}

TEST_F(SessionMishaps, FilesThatVanishAreNamedAndLeftOut) {
  std::vector<MemoryObject> objects;
  for (size_t size : kSizes) {
    objects.push_back(File(std::to_string(size), std::string(size, 'x')));
    objects.back().open_failure = NotFound("vanished");
  }
  Archive(objects);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(session_.Find(object.path), nullptr);
    EXPECT_EQ(volume_.reporter().CountOf(object.path), 1u);
  }
}

TEST_F(SessionMishaps, FilesThatCannotBeOpenedAreStoredAsUnreadable) {
  std::vector<MemoryObject> objects;
  for (size_t size : kSizes) {
    objects.push_back(File(std::to_string(size), std::string(size, 'x')));
    objects.back().open_failure = DeviceError("permission denied");
  }
  Archive(objects);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(StatusOf(object.path), ObjectStatus::kUnreadable);
    EXPECT_EQ(Get(object.path).begin.metadata.mode, 0644u);
    EXPECT_EQ(ContentsOf(session_, Get(object.path)), "");
    EXPECT_GE(volume_.reporter().CountOf(object.path), 1u);
  }
}

// Listed with one size, opened with another.
TEST_F(SessionMishaps, FilesThatGrowOrShrinkBeforeTheyAreOpened) {
  std::vector<MemoryObject> objects;
  for (size_t listed : {0u, 100u, 400'000u, 3u << 20}) {
    for (size_t opened : {0u, 5000u, 600'000u, 9u << 20, 16u << 20}) {
      objects.push_back(File(std::to_string(listed) + "-" + std::to_string(opened),
                             RandomBytes(opened, listed + opened)));
      objects.back().listed_size = listed;
    }
  }
  Archive(objects);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(StatusOf(object.path), ObjectStatus::kOk) << object.path;
    EXPECT_TRUE(ContentsOf(session_, Get(object.path)) == object.bytes) << object.path;
  }
}

TEST_F(SessionMishaps, ASmallFileThatGrewBeyondMeasureIsCutAndNamed) {
  MemoryObject object = File("a", RandomBytes(17u << 20, 1));
  object.listed_size = 1000;
  Archive({object});
  EXPECT_EQ(StatusOf("a"), ObjectStatus::kChanged);
  EXPECT_TRUE(ContentsOf(session_, Get("a")) == object.bytes.substr(0, 1000));
  EXPECT_EQ(volume_.reporter().CountOf("a"), 1u);
}

TEST_F(SessionMishaps, PathsThatTheFormatForbidsAreNamedAndLeftOut) {
  std::vector<MemoryObject> objects;
  for (const std::string& path :
       {std::string(5000, 'c'), std::string("a/../b"), std::string("/abs"), std::string("b//c")}) {
    objects.push_back(File(path, "x"));
    objects.push_back(File(path + "2", RandomBytes(600'000, 1)));
  }
  Archive(objects);
  EXPECT_EQ(session_.objects.size(), 2u);
  for (const MemoryObject& object : objects) {
    EXPECT_EQ(volume_.reporter().CountOf(object.path), 1u) << object.path;
  }
}

std::vector<MemoryObject> Names(size_t size, std::vector<std::string> paths) {
  std::vector<MemoryObject> objects;
  for (std::string& path : paths) {
    MemoryObject object = File(std::move(path), RandomBytes(size, size));
    object.inode = 77 + size;
    object.link_count = static_cast<uint32_t>(paths.size());
    object.metadata.xattrs = {{"user.x", "y"}};
    objects.push_back(std::move(object));
  }
  return objects;
}

TEST_F(SessionMishaps, FurtherNamesAreHardLinks) {
  std::vector<MemoryObject> objects;
  for (size_t size : kSizes) {
    std::string base = std::to_string(size);
    for (MemoryObject& name : Names(size, {base + "a", base + "b", base + "c"})) {
      objects.push_back(std::move(name));
    }
  }
  Archive(objects);
  for (size_t size : kSizes) {
    std::string base = std::to_string(size);
    EXPECT_EQ(Get(base + "a").begin.metadata.type, ObjectType::kRegular);
    for (const char* name : {"b", "c"}) {
      const Metadata& metadata = Get(base + name).begin.metadata;
      EXPECT_EQ(metadata.type, ObjectType::kHardLink);
      EXPECT_EQ(metadata.primary_path, base + "a");
      EXPECT_EQ(metadata.primary_ordinal, Get(base + "a").begin.ordinal);
      EXPECT_EQ(metadata.mode, 0644u);
      EXPECT_EQ(metadata.xattrs.size(), 1u);
    }
  }
}

TEST_F(SessionMishaps, WhenTheFirstNameVanishesTheNextOneHasTheContents) {
  for (const Status& failure : {NotFound("vanished"), DeviceError("permission denied")}) {
    std::vector<MemoryObject> objects;
    for (size_t size : {size_t{10'000}, size_t{3} << 20, size_t{16} << 20}) {
      std::string base = std::to_string(size);
      for (MemoryObject& name : Names(size, {base + "a", base + "b", base + "c"})) {
        objects.push_back(std::move(name));
      }
      objects[objects.size() - 3].open_failure = failure;
    }
    VolumeBuilder fresh;
    MemorySource source(objects);
    ASSERT_THAT(fresh.Add(source), IsOk());
    VolumeDump dump = DumpVolume(fresh.device());
    EXPECT_THAT(dump.faults, IsEmpty());
    session_ = dump.sessions.at(0);
    EXPECT_THAT(FaultsOf(session_), IsEmpty());
    for (size_t i = 0; i < objects.size(); i += 3) {
      const DumpedObject& second = Get(objects[i + 1].path);
      const DumpedObject& third = Get(objects[i + 2].path);
      EXPECT_EQ(second.begin.metadata.type, ObjectType::kRegular);
      EXPECT_EQ(second.begin.metadata.xattrs.size(), 1u);
      EXPECT_TRUE(ContentsOf(session_, second) == objects[i + 1].bytes);
      EXPECT_EQ(third.begin.metadata.type, ObjectType::kHardLink);
      EXPECT_EQ(third.begin.metadata.primary_path, objects[i + 1].path);
    }
  }
}

TEST_F(SessionMishaps, NamesOutsideTheSelectionDoNotMatter) {
  std::vector<MemoryObject> objects = Names(10'000, {"a", "b"});
  objects[0].link_count = objects[1].link_count = 7;
  Archive(objects);
  EXPECT_EQ(Get("b").begin.metadata.type, ObjectType::kHardLink);
  EXPECT_EQ(Get("a").begin.metadata.link_count, 7u);
}

TEST_F(SessionMishaps, AFailingSourceEndsTheRunWithItsWord) {
  std::vector<MemoryObject> objects;
  for (int i = 0; i < 200; ++i) objects.push_back(File(std::to_string(1000 + i), "x"));
  for (size_t at : {0u, 1u, 150u, 200u}) {
    MemorySource source(objects);
    source.FailAt(at, DeviceError("the source is gone"));
    VolumeBuilder volume;
    volume.options().threads = at % 2 == 0 ? 1 : 3;
    Result<WrittenSession> written = volume.Add(source);
    EXPECT_THAT(written, HasCode(StatusCode::kDeviceError));
    VolumeState state = Value(ReadVolumeState(volume.device()));
    EXPECT_TRUE(state.torn);
    EXPECT_TRUE(state.sessions.empty());
  }
}

TEST_F(SessionMishaps, AnInterruptedSessionIsWholeAndSaysSo) {
  std::vector<MemoryObject> objects;
  for (int i = 0; i < 100; ++i) objects.push_back(File(std::to_string(1000 + i), "x"));
  objects.push_back(File("1050a", RandomBytes(18u << 20, 1)));
  for (unsigned threads : {1u, 4u}) {
    for (size_t at : {0u, 20u, 51u, 52u, 90u}) {
      std::atomic<bool> cancelled = false;
      MemorySource source(objects);
      source.CancelAt(at, &cancelled);
      VolumeBuilder volume;
      volume.options().threads = threads;
      volume.options().cancelled = &cancelled;
      WrittenSession written = Value(volume.Add(source));
      EXPECT_EQ(written.entry.status, SessionStatus::kInterrupted);
      EXPECT_LT(written.entry.object_count, objects.size());
      VolumeDump dump = DumpVolume(volume.device());
      EXPECT_THAT(dump.faults, IsEmpty());
      EXPECT_THAT(FaultsOf(dump.sessions.at(0)), IsEmpty());
    }
  }
}

}  // namespace
}  // namespace tapir::test
