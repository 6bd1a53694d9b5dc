#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "container/format.h"
#include "tapir/device/fault_device.h"
#include "tapir/object/policy_manifest.h"
#include "tests/conformance/vector_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"

// The writer still makes the vectors of this format version byte for byte. Stored chunks only:
// other versions of zstd compress to other bytes. TAPIR_REWRITE=1 writes them anew.
namespace tapir::test {
namespace {

namespace fs = std::filesystem;

MemoryObject Named(std::string path, ObjectType type) {
  MemoryObject object = File(std::move(path), "");
  object.type = type;
  return object;
}

// The worked example of chapter 10.
TEST(WrittenVectors, Hello) {
  VolumeBuilder volume;
  volume.options().zstd_level = 0;
  Check(volume.Add({Directory("d"), File("d/hello", "hello, world\n")}).status());
  ExpectIsVector("hello", BytesOf(volume.device()));
}

TEST(WrittenVectors, ChapterTenShowsTheBytesOfHello) {
  fs::path spec = fs::path(TAPIR_SOURCE_DIR) / "format-spec";
  std::ifstream volume(spec / "vectors" / "hello.tapir", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(volume), {}};
  std::ifstream chapter(spec / "10-example.md");
  size_t shown = 0;
  for (std::string line; std::getline(chapter, line);) {
    std::istringstream words(line);
    size_t place = 0;
    bool is_dump = line.starts_with("    ") && words >> std::hex >> place;
    for (unsigned value = 0; is_dump && words >> std::hex >> value; ++place, ++shown) {
      ASSERT_LT(place, bytes.size());
      EXPECT_EQ(static_cast<unsigned char>(bytes[place]), value) << line;
    }
  }
  EXPECT_GT(shown, 600u);
}

std::vector<MemoryObject> EveryKindOfObject() {
  std::vector<MemoryObject> objects{Directory(".")};
  MemoryObject device = Named("device", ObjectType::kCharDevice);
  device.metadata.device_major = 1;
  device.metadata.device_minor = 3;
  objects.push_back(device);
  objects.push_back(Named("fifo", ObjectType::kFifo));
  objects.push_back(File("new\nline", "a name with a newline"));
  objects.push_back(File("not-utf8-\xff\xfe", "a name that is not UTF-8"));
  MemoryObject old = File("old", std::string(200, 'o'));
  old.metadata.mtime = {-1, 999'999'999};
  old.metadata.has_access_time = true;
  old.metadata.access_time = {-2'000'000'000, 1};
  old.metadata.owner_name = "root";
  old.metadata.group_name = "wheel";
  old.metadata.xattrs = {{"security.capability", std::string("\1\0\0\2", 4)},
                         {"user.note", "kept"}};
  objects.push_back(old);
  objects.push_back(File("same", std::string(200, 'o')));
  MemoryObject grown = File("short", "these bytes came");
  grown.size = grown.bytes.size();
  grown.closes_as = ObjectStatus::kChanged;
  objects.push_back(grown);
  MemoryObject link = Named("symlink", ObjectType::kSymlink);
  link.metadata.link_target = "../anywhere";
  link.inode = 77;
  link.link_count = 3;
  objects.push_back(link);
  link.path = "symlink-again";
  objects.push_back(link);
  return objects;
}

TEST(WrittenVectors, EveryKindOfObject) {
  VolumeBuilder volume;
  volume.options().zstd_level = 0;
  volume.options().with_sha256 = true;
  volume.options().session_records = {
      {static_cast<uint16_t>(ItemType::kPolicyManifest), Value(EncodePolicyManifest({}))}};
  Check(volume.Add(EveryKindOfObject()).status());
  ExpectIsVector("every-kind", BytesOf(volume.device()));
}

// Data chunks in aligned blocks, holes, and the digest of a map.
TEST(WrittenVectors, Holes) {
  VolumeBuilder volume;
  volume.options().zstd_level = 0;
  MemoryObject small = File("few-holes", "");
  small.ranges = {{8192, TextBytes(3000, 1)}, {65536, TextBytes(5000, 2)}};
  small.size = 100'000;
  MemoryObject large = File("many-holes", "");
  large.ranges = {{0, "begin"}, {uint64_t{3} << 30, "end"}};
  Check(volume.Add({small, large}).status());
  ExpectIsVector("holes", BytesOf(volume.device()));
}

TEST(WrittenVectors, AppendedBehindATornSession) {
  VolumeBuilder whole;
  whole.options().zstd_level = 0;
  Check(whole.Add({File("a", "one")}).status());
  uint64_t first_end = whole.device().bytes().size();
  Check(whole.Add({File("b", "lost")}).status());
  // Cut in the second session's data, not at the end of a block or unit.
  whole.device().Cut(first_end + 4096 + 200);
  Check(whole.Add({File("c", "three")}).status());
  ExpectIsVector("append-after-torn", BytesOf(whole.device()));
}

// A session on two volumes: a file with holes that is cut, and a name of a file on the first one.
TEST(WrittenVectors, ASetOfTwoVolumes) {
  MemoryObject first_name = File("a", std::string(200, 'a'));
  first_name.inode = 50;
  first_name.link_count = 2;
  MemoryObject cut = File("cut", "");
  cut.ranges = {{0, TextBytes(70'000, 1)}, {200'000, TextBytes(70'000, 2)}};
  MemoryObject last_name = first_name;
  last_name.path = "z";
  MemorySource source({first_name, cut, File("equal", std::string(200, 'a')), last_name});
  ReplaySource replay(source);
  FixedAmbient ambient;
  CollectingReporter reporter;
  SessionOptions options;
  options.zstd_level = 0;
  options.threads = 1;
  options.may_continue = true;
  options.ambient = &ambient;
  options.reporter = &reporter;
  Spanning spanning;
  spanning.source = &replay;
  std::vector<SetMember> members;
  std::vector<CopiedIndex> indexes;
  for (uint32_t number : {1u, 2u}) {
    Label label = FixedLabel();
    label.volume_sequence = number;
    label.volume_uuid[0] = static_cast<std::byte>(number);
    MemoryDevice memory;
    AppendPoint point = Value(WriteLabel(memory, label));
    point.set_members = members;
    members.push_back({label.volume_uuid, number});
    // Writes: START, what is before the cut file, its first block.
    FaultDevice device(memory, {.early_warning_at_write = number == 1 ? 4u : 0u});
    point.index_copies = indexes;
    WrittenSession written = Value(WriteSession(device, point, replay, options, &spanning));
    EXPECT_EQ(written.continued, number == 1);
    if (written.index) indexes.push_back(*std::move(written.index));
    replay.Rewind();
    ExpectIsVector("set-" + std::to_string(number), BytesOf(memory));
  }
}

}  // namespace
}  // namespace tapir::test
