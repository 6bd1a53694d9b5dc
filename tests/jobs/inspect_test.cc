#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tapir/jobs/inspect_job.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

using Bytes = std::vector<std::byte>;
using Items = std::vector<InspectedItem>;
using Level = InspectedItem::Level;

std::string Field(const InspectedItem& item, std::string_view name) {
  for (const auto& [key, value] : item.fields) {
    if (key == name) return value;
  }
  return "(none)";
}

const InspectedItem& Find(const Items& items, Level level, std::string_view type, size_t n = 0) {
  for (const InspectedItem& item : items) {
    if (item.level == level && item.type == type && n-- == 0) return item;
  }
  throw std::runtime_error("no item of type " + std::string(type));
}

size_t Count(const Items& items, Level level) {
  return static_cast<size_t>(std::count_if(items.begin(), items.end(),
                                           [&](const auto& item) { return item.level == level; }));
}

/// "block start", "chunk start", ...: the shape of a volume.
std::vector<std::string> ShapeOf(const Items& items) {
  constexpr const char* kNames[] = {"block", "chunk", "record", "damage"};
  std::vector<std::string> shape;
  for (const InspectedItem& item : items) {
    shape.push_back(std::string(kNames[static_cast<int>(item.level)]) + " " + item.type);
  }
  return shape;
}

class InspectTest : public testing::Test {
 protected:
  Result<Items> InspectFrom(const std::string& path, const InspectOptions& options) {
    Items items;
    Status status = InspectVolume(path, options, [&](const InspectedItem& item) {
      items.push_back(item);
      return OkStatus();
    });
    if (!status.ok()) return status;
    return items;
  }
  /// A file and a stream have to show the same.
  Result<Items> Inspect(const Bytes& bytes, const InspectOptions& options = {}) {
    Pipe pipe(scratch_, bytes);
    Result<Items> piped = InspectFrom(pipe.path(), options);
    Result<Items> items = InspectFrom(scratch_.Put("volume", bytes), options);
    EXPECT_EQ(piped.status().code(), items.status().code()) << piped.status().ToString();
    if (piped.ok() && items.ok()) {
      EXPECT_EQ(ShapeOf(*piped), ShapeOf(*items));
    }
    return items;
  }
  Bytes bytes() { return BytesOf(volume_.device()); }

  Scratch scratch_;
  VolumeBuilder volume_;
};

TEST_F(InspectTest, EverythingInOrder) {
  MemoryObject file = File("a", "one");
  file.metadata.owner_name = "anna";
  file.metadata.xattrs = {{"user.b", "x"}, {"user.c", "y"}};
  Check(volume_.Add({file, Directory("dir")}).status());
  Items items = Value(Inspect(bytes()));
  EXPECT_EQ(ShapeOf(items),
            (std::vector<std::string>{
                "block label",  "chunk label", "record LABEL",  "block start",      "chunk start",
                "record START", "block data",  "chunk records", "record CONTENTS",  "record WHOLE",
                "record WHOLE", "block index", "chunk leaf",    "record leaf page", "record entry",
                "record entry", "block end",   "chunk end",     "record END",       "block end",
                "chunk end",    "record END"}));
  const InspectedItem& label = Find(items, Level::kRecord, "LABEL");
  EXPECT_EQ(Field(label, "volume_uuid"), "10111213-1415-1617-1819-1a1b1c1d1e1f");
  EXPECT_EQ(Field(label, "created_seconds"), "1600000000");
  EXPECT_EQ(Field(label, "LABEL_NAME"), "test volume");
  const InspectedItem& block = Find(items, Level::kBlock, "data");
  EXPECT_EQ(block.unit * 4096, PlaceOfBlock(bytes(), BlockType::kData));
  EXPECT_EQ(Field(block, "magic"), "895441500d0a1a0a");
  EXPECT_EQ(Field(block, "block_number"), "2");
  EXPECT_EQ(Field(block, "session_number"), "1");
  EXPECT_EQ(Field(block, "header_checksum").size(), 16u);
  const InspectedItem& chunk = Find(items, Level::kChunk, "records");
  EXPECT_EQ(chunk.offset, 128u);
  EXPECT_EQ(Field(chunk, "sequence"), "1");
  EXPECT_EQ(Field(chunk, "object_count"), "2");
  const InspectedItem& whole = Find(items, Level::kRecord, "WHOLE");
  EXPECT_EQ(whole.offset, 16u);
  EXPECT_EQ(Field(whole, "ordinal"), "0");
  EXPECT_EQ(Field(whole, "PATH"), "a");
  EXPECT_EQ(Field(whole, "OWNER_NAME"), "anna");
  EXPECT_EQ(Field(whole, "XATTR[1].name"), "user.c");
  EXPECT_EQ(Field(whole, "XATTR[1].value"), "y");
  EXPECT_EQ(Field(whole, "end.STREAM_END[0].size"), "3");
  const InspectedItem& contents = Find(items, Level::kRecord, "CONTENTS");
  EXPECT_EQ(contents.offset, 0u);
  EXPECT_EQ(Field(contents, "contents_bytes"), "3");
  const InspectedItem& entry = Find(items, Level::kRecord, "entry", 1);
  EXPECT_EQ(Field(entry, "path"), "dir");
  EXPECT_EQ(Field(entry, "ordinal"), "1");
  const InspectedItem& end = Find(items, Level::kRecord, "END");
  EXPECT_EQ(Field(end, "object_count"), "2");
  EXPECT_EQ(Field(end, "LABEL_COPY.LABEL_NAME"), "test volume");
}

TEST_F(InspectTest, AttributesOfWindowsInFull) {
  NtfsMetadata ntfs;
  ntfs.file_attributes = kWindowsReparsePoint;
  ntfs.object_id = std::string("\x01\xFF", 2) + std::string(14, '\0');
  ntfs.reparse_data = std::string("\x07\0\0\x80", 4);
  ntfs.efs_metadata = std::string(5000, 'e');
  ntfs.sis = {SisRole::kLink, SisPairing::kName, {"store/one", "store/two"}};
  MemoryObject file = File("a", "one");
  file.metadata.path_encoding = PathEncoding::kWtf8;
  file.metadata.ntfs = std::make_shared<NtfsMetadata>(ntfs);
  file.metadata.opaque_records = {{0x0023, "body"}};
  Check(volume_.Add({file}).status());
  const Items items = Value(Inspect(bytes()));
  const InspectedItem& begin = Find(items, Level::kRecord, "OBJECT_BEGIN");
  EXPECT_EQ(Field(begin, "OBJECT_ID"), "01ff" + std::string(28, '0'));
  EXPECT_EQ(Field(begin, "EFS_METADATA"), "(none)");
  EXPECT_EQ(Field(begin, "EFS_METADATA_bytes"), "5000");
  EXPECT_EQ(Field(begin, "SIS.pairing"), "2");
  EXPECT_EQ(Field(begin, "SIS.files[1]"), "store/two");
  EXPECT_EQ(Field(Find(items, Level::kRecord, "BACKUP_STREAMS"), "body"), "626f6479");
  const InspectedItem& entry = Find(items, Level::kRecord, "entry");
  EXPECT_EQ(Field(entry, "file_attributes"), "0x400");
  EXPECT_EQ(Field(entry, "reparse_tag"), "0x80000007");
  EXPECT_EQ(Field(entry, "sis_role"), "1");
  EXPECT_EQ(Field(entry, "sis_files[0]"), "store/one");
}

TEST_F(InspectTest, WithoutRecords) {
  Check(volume_.Add({File("a", "one")}).status());
  Items items = Value(Inspect(bytes(), {.records = false}));
  EXPECT_EQ(Count(items, Level::kRecord), 0u);
  EXPECT_EQ(Count(items, Level::kChunk), 6u);
}

TEST_F(InspectTest, AChunkStandsBelowTheBlockItBeginsIn) {
  volume_.options().dedup = false;
  Check(volume_
            .Add({File("a", RandomBytes(100'000, 1)), File("b", RandomBytes(150'000, 2)),
                  File("c", TextBytes(900'000, 3)), File("d", "end")})
            .status());
  Items items = Value(Inspect(bytes()));
  uint64_t unit = 0;
  uint64_t block_unit = 0;
  for (const InspectedItem& item : items) {
    EXPECT_GE(item.unit, unit);
    unit = item.unit;
    if (item.level == Level::kBlock) block_unit = item.unit;
    EXPECT_EQ(item.unit, block_unit) << item.type;
  }
  EXPECT_EQ(Count(items, Level::kBlock), BlocksOf(bytes()).size());
  EXPECT_EQ(Count(items, Level::kDamage), 0u);
}

TEST_F(InspectTest, OneBlockAndWhatBeginsInIt) {
  Check(volume_.Add({File("a", RandomBytes(300'000, 1)), File("b", "two")}).status());
  Items all = Value(Inspect(bytes()));
  for (const BlockHeader& block : BlocksOf(bytes())) {
    Items items = Value(Inspect(bytes(), {.block_number = block.block_number}));
    std::vector<std::string> expected;
    for (const InspectedItem& item : all) {
      if (item.unit == block.unit_number) expected.push_back(ShapeOf({item})[0]);
    }
    EXPECT_EQ(ShapeOf(items), expected) << block.block_number;
  }
  EXPECT_TRUE(Value(Inspect(bytes(), {.block_number = 1000})).empty());
}

TEST_F(InspectTest, DamageHasKindAndPlace) {
  Check(volume_.Add({File("a", TextBytes(2000, 1)), Directory("dir")}).status());
  struct Case {
    BlockType block;
    uint64_t offset;
    std::string kind;
    std::string text;
  };
  const Case cases[] = {
      {BlockType::kData, 40, "block", "block header checksum differs"},
      {BlockType::kData, 3000, "block", "body checksum of block 2 differs"},
      {BlockType::kData, 128 + 10, "chunk", "chunk header at offset 128 of block 2"},
      {BlockType::kData, 128 + 64 + 40, "chunk", ""},
      {BlockType::kIndex, 128 + 64 + 10, "chunk", ""},
      {BlockType::kEnd, 128 + 64 + 10, "chunk", ""},
  };
  for (const Case& one : cases) {
    Bytes damaged = bytes();
    uint64_t place = PlaceOfBlock(damaged, one.block);
    Flip(damaged, place + one.offset);
    Items items = Value(Inspect(damaged));
    const InspectedItem& damage = Find(items, Level::kDamage, one.kind);
    EXPECT_EQ(damage.unit * 4096, place);
    EXPECT_NE(Field(damage, "text").find(one.text), std::string::npos) << Field(damage, "text");
    EXPECT_GT(Count(items, Level::kBlock), 4u) << "what is behind it is shown";
  }
}

TEST_F(InspectTest, TornVolumesEndWithoutDamage) {
  Check(volume_.Add({File("a", "one")}).status());
  Bytes torn = bytes();
  torn.resize(PlaceOfBlock(torn, BlockType::kIndex) + 1000);
  Items items = Value(Inspect(torn));
  EXPECT_EQ(Count(items, Level::kDamage), 0u);
  EXPECT_EQ(items.back().type, "unused tail");
}

TEST_F(InspectTest, AForeignBeginningIsPassedOver) {
  Check(volume_.Add({File("a", "one")}).status());
  Bytes damaged = bytes();
  std::fill_n(damaged.begin(), 4096, std::byte{'x'});
  Items items = Value(Inspect(damaged));
  EXPECT_EQ(ShapeOf(items)[0], "damage block");
  EXPECT_EQ(ShapeOf(items)[1], "block start");
}

TEST_F(InspectTest, WhatIsNoVolume) {
  EXPECT_THAT(Inspect({}), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Inspect(Bytes(20000, std::byte{'x'})), HasCode(StatusCode::kForeign));
  Check(volume_.Add({File("a", "one")}).status());
  Bytes newer = bytes();
  newer.resize(volume_.label_bytes());
  MakeNewer(newer);
  EXPECT_THAT(Inspect(newer), HasCode(StatusCode::kUnsupported));
}

TEST_F(InspectTest, AnyFlippedByteIsShownAsDamageOrAsAnotherValue) {
  Check(volume_.Add({File("a", "one"), Directory("dir")}).status());
  Bytes whole = bytes();
  for (size_t at = 0; at < whole.size(); at += 97) {
    Bytes damaged = whole;
    Flip(damaged, at);
    Items items = Value(InspectFrom(scratch_.Put("volume", damaged), {}));
    EXPECT_GT(Count(items, Level::kDamage), 0u) << at;
  }
}

}  // namespace
}  // namespace tapir::test
