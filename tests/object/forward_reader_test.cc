#include "object/forward_reader.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <random>

#include "container/block_writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"

namespace tapir::test {
namespace {

// Keeps the contents of every object that is told as whole and proven.
class CollectingSink final : public VolumeSink {
 public:
  Status Whole(const ParsedRecord& record, const DecodedChunk& /*chunk*/) override {
    contents[record.begin.metadata.path] = AsText(record.bytes);
    return OkStatus();
  }
  Status Begin(const AssembledObject& /*object*/) override {
    open_.clear();
    return OkStatus();
  }
  Status Refer(const AssembledObject& /*object*/, const Reference& /*reference*/) override {
    return OkStatus();
  }
  Status Data(const AssembledObject& /*object*/, uint32_t /*stream*/, uint64_t offset,
              ByteSpan data) override {
    // What these tests write is small; more than that is a hole in a refused object.
    if (offset > (8u << 20)) return OkStatus();
    if (open_.size() < offset + data.size()) open_.resize(offset + data.size());
    open_.replace(offset, data.size(), AsText(data));
    return OkStatus();
  }
  Status End(const AssembledObject& object, Proof proof) override {
    EXPECT_NE(proof, Proof::kWrong);
    if (object.reference) {
      references.push_back(object.begin.metadata.path);
    } else {
      contents[object.begin.metadata.path] = open_;
    }
    return OkStatus();
  }
  void Abandon(const AssembledObject& /*object*/) override { open_.clear(); }
  Status Marker(const ParsedRecord& /*record*/, const DecodedChunk& /*chunk*/) override {
    return OkStatus();
  }
  void Lost(uint64_t /*first*/, uint64_t count) override { lost += count; }
  void Damaged(const Damage& damage) override { damages.push_back(damage); }
  Status ChunkDone(const DecodedChunk& /*chunk*/) override { return OkStatus(); }
  Status SessionBegin(const ForwardSession& /*session*/) override {
    ++sessions;
    return OkStatus();
  }
  Status SessionEnd(const ForwardSession& session) override {
    ended += session.end ? 1u : 0u;
    return OkStatus();
  }

  std::map<std::string, std::string> contents;
  std::vector<std::string> references;
  std::vector<Damage> damages;
  uint64_t lost = 0;
  size_t sessions = 0;
  size_t ended = 0;

 private:
  std::string open_;
};

std::vector<MemoryObject> Tree() {
  std::vector<MemoryObject> objects = {File("big", RandomBytes(700'000, 1)),
                                       File("big2", RandomBytes(700'000, 1))};
  for (int i = 0; i < 30; ++i) {
    objects.push_back(
        File("s" + std::to_string(i), RandomBytes(3000 + static_cast<size_t>(i) * 500, 7)));
  }
  objects.push_back(File("text", TextBytes(200'000, 3)));
  return objects;
}

const VolumeBuilder& Volume() {
  static const std::unique_ptr<VolumeBuilder> kVolume = [] {
    auto volume = std::make_unique<VolumeBuilder>();
    volume->options().zstd_level = 1;
    Check(volume->Add(Tree()).status());
    return volume;
  }();
  return *kVolume;
}

struct Read {
  CollectingSink sink;
  Status status;
  bool torn = false;
};

void ReadAll(BlockDevice& device, ThreadPool* pool, Read& read) {
  ForwardReader::Options options;
  options.pool = pool;
  options.blocks.max_block_bytes = 64u << 10;
  ForwardReader reader(device, options, read.sink);
  read.status = reader.Run();
  read.torn = reader.torn();
}

// Nothing is given out that is not as it was written.
void ExpectNothingWrong(const Read& read) {
  for (const MemoryObject& object : Tree()) {
    auto found = read.sink.contents.find(object.path);
    EXPECT_TRUE(found == read.sink.contents.end() || found->second == object.bytes) << object.path;
  }
  EXPECT_LE(read.sink.contents.size() + read.sink.references.size(), Tree().size());
}

TEST(ForwardReader, ReadsAWholeVolumeSerialAndParallel) {
  for (unsigned threads : {0u, 4u}) {
    auto device = MemoryDevice::FromBytes(BytesOf(Volume().device()));
    std::optional<ThreadPool> pool;
    if (threads > 0) pool.emplace(threads);
    Read read;
    ReadAll(*device, pool ? &*pool : nullptr, read);
    EXPECT_THAT(read.status, IsOk());
    EXPECT_FALSE(read.torn);
    EXPECT_TRUE(read.sink.damages.empty());
    EXPECT_EQ(read.sink.lost, 0u);
    EXPECT_EQ(read.sink.ended, 1u);
    EXPECT_EQ(read.sink.references, std::vector<std::string>{"big2"});
    EXPECT_EQ(read.sink.contents.size(), Tree().size() - 1);
    ExpectNothingWrong(read);
  }
}

// Each object is given out right, or counted as lost; and damage is reported.
TEST(ForwardReader, AnyFlippedByteIsFoundAndCostsNoOtherObject) {
  std::mt19937_64 random(4);
  uint64_t length = Volume().device().bytes().size();
  size_t flips = 0;
  for (uint64_t at = 0; at < length && !HasFailure();) {
    auto device = MemoryDevice::FromBytes(BytesOf(Volume().device()));
    device->Flip(at, static_cast<uint8_t>(1u << (random() % 8)));
    Read read;
    ReadAll(*device, nullptr, read);
    EXPECT_THAT(read.status, IsOk()) << at;
    EXPECT_FALSE(read.sink.damages.empty()) << at;
    ExpectNothingWrong(read);
    EXPECT_EQ(read.sink.contents.size() + read.sink.references.size() + read.sink.lost,
              Tree().size())
        << at;
    ++flips;
    at += FullRun() ? 1 : 1 + random() % Thinned(at % 65'536 < 300 ? 90 : 9000);
  }
  std::printf("%zu bytes flipped, one at a time\n", flips);
}

TEST(ForwardReader, AnyCutIsTornOrDamagedAndNothingIsWrong) {
  uint64_t length = Volume().device().bytes().size();
  for (uint64_t cut = Volume().label_bytes(); cut < length;
       cut += FullRun() ? 97u : Thinned(3 * limits::kUnitBytes)) {
    auto device = MemoryDevice::FromBytes(BytesOf(Volume().device()));
    device->Cut(cut);
    Read read;
    ReadAll(*device, nullptr, read);
    EXPECT_THAT(read.status, IsOk()) << cut;
    ExpectNothingWrong(read);
    // Behind the label, and behind the first END, nothing tells that something is missing.
    bool exact = cut == Volume().label_bytes() || cut == length - limits::kUnitBytes;
    EXPECT_TRUE(exact || read.torn || !read.sink.damages.empty()) << cut;
  }
}

// One chunk of records made by hand, in a session without START and END.
Read ReadRecords(const std::string& raw) {
  MemoryDevice device;
  BlockWriter::Options options;
  options.max_block_bytes = 64u << 10;
  options.session_id.fill(std::byte{1});
  options.session_number = 1;
  BlockWriter blocks(device, options);
  ChunkHeader header;
  header.kind = static_cast<uint8_t>(ChunkKind::kRecords);
  header.raw_bytes = header.stored_bytes = static_cast<uint32_t>(raw.size());
  header.raw_checksum = Checksum64(AsBytes(raw));
  Check(blocks.Append(BlockType::kData, header, AsBytes(raw)).status());
  Check(blocks.EndSection());
  Check(device.Locate({}));
  Read read;
  ReadAll(device, nullptr, read);
  // It has no START, which is not what is looked at here.
  std::erase_if(read.sink.damages,
                [](const Damage& damage) { return damage.kind == DamageKind::kSession; });
  return read;
}

std::string BeginOf(uint64_t ordinal, const std::string& path) {
  Metadata metadata;
  metadata.path = path;
  return EncodeObjectBegin(ordinal, metadata);
}

std::string EndOf(uint64_t ordinal, const std::string& contents) {
  ObjectEnd end{.ordinal = ordinal};
  StreamEnd stream{.size = contents.size(), .data_bytes = contents.size()};
  stream.digests.xxh128 = ComputeDigest128(AsBytes(contents));
  end.streams.push_back(stream);
  return EncodeObjectEnd(end);
}

void AppendWhole(std::string& raw, uint64_t ordinal, const std::string& path,
                 const std::string& contents) {
  std::string begin = BeginOf(ordinal, path);
  std::string end = EndOf(ordinal, contents);
  AppendItem(raw, ItemType::kWhole,
             AsBytes(EncodeWholeHead(begin.size(), end.size()) + begin + end));
}

TEST(ForwardReader, OrdinalsThatLeapCostNothing) {
  std::string raw;
  AppendItem(raw, ItemType::kContents, AsBytes("ab"));
  AppendWhole(raw, 0, "a", "a");
  AppendWhole(raw, limits::kMaxObjects - 1, "b", "b");
  Read read = ReadRecords(raw);
  EXPECT_EQ(read.sink.contents.size(), 2u);
  EXPECT_EQ(read.sink.lost, limits::kMaxObjects - 2);
}

TEST(ForwardReader, ObjectsOutOfOrderAndTwiceAreRefused) {
  std::string raw;
  AppendItem(raw, ItemType::kContents, AsBytes("abcd"));
  AppendWhole(raw, 5, "a", "a");
  AppendWhole(raw, 5, "b", "b");
  AppendWhole(raw, 4, "c", "c");
  AppendWhole(raw, 6, "d", "d");
  Read read = ReadRecords(raw);
  EXPECT_EQ(read.sink.contents, (std::map<std::string, std::string>{{"a", "a"}, {"d", "d"}}));
  EXPECT_EQ(read.sink.damages.size(), 2u);
}

TEST(ForwardReader, ContentsMustFit) {
  for (const char* contents : {"", "a", "abc"}) {
    std::string raw;
    if (*contents != '\0') AppendItem(raw, ItemType::kContents, AsBytes(contents));
    AppendWhole(raw, 0, "a", "ab");
    EXPECT_EQ(ReadRecords(raw).sink.contents.contains("a"), std::string(contents) == "abc");
    EXPECT_FALSE(ReadRecords(raw).sink.damages.empty());
  }
}

TEST(ForwardReader, DataThatOverlapsOrHasNoStreamIsRefused) {
  struct Piece {
    uint32_t stream;
    uint64_t offset;
  };
  auto with = [](const std::vector<Piece>& pieces) {
    std::string raw;
    AppendItem(raw, ItemType::kObjectBegin, AsBytes(BeginOf(0, "a")));
    for (const Piece& piece : pieces) {
      std::string data;
      AppendDataHead(data, {0, piece.stream, piece.offset});
      AppendItem(raw, ItemType::kData, AsBytes(data + "12345678"));
    }
    AppendItem(raw, ItemType::kObjectEnd, AsBytes(EndOf(0, "1234567812345678")));
    Read read = ReadRecords(raw);
    EXPECT_EQ(read.sink.contents.empty(), !read.sink.damages.empty());
    return !read.sink.contents.empty();
  };
  EXPECT_TRUE(with({{0, 0}, {0, 8}}));
  EXPECT_FALSE(with({{0, 0}}));
  EXPECT_FALSE(with({{0, 0}, {0, 9}}));
  EXPECT_FALSE(with({{0, 0}, {0, 7}}));
  EXPECT_FALSE(with({{0, 8}, {0, 0}}));
  EXPECT_FALSE(with({{0, 0}, {0, 8}, {0, 16}}));
  EXPECT_FALSE(with({{0, 0}, {0, 8}, {1, 0}}));
  EXPECT_FALSE(with({{0, 0}, {0, limits::kMaxStreamBytes - 8}}));
}

}  // namespace
}  // namespace tapir::test
