#include "object/index_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "bytes/checksum.h"
#include "container/block_writer.h"
#include "object/digest_table.h"
#include "tapir/object/path_order.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

// A volume whose index has several leaves.
struct Indexed {
  Indexed() {
    std::vector<MemoryObject> objects;
    for (int i = 0; i < 4000; ++i) {
      objects.push_back(
          File("d" + std::to_string(i % 7) + "/" + std::to_string(i), std::to_string(i)));
    }
    Check(volume.Add(objects).status());
    session = DumpVolume(volume.device()).sessions.at(0);
  }
  IndexReader Reader(BlockDevice& device) const {
    return IndexReader(device, FixedLabel(), session.ends.at(0));
  }

  VolumeBuilder volume;
  DumpedSession session;
};

const Indexed& SomeIndex() {
  static const Indexed kIndexed;
  return kIndexed;
}

TEST(IndexReader, GivesAllEntriesInOrder) {
  const Indexed& indexed = SomeIndex();
  auto device = MemoryDevice::FromBytes(BytesOf(indexed.volume.device()));
  IndexReader reader = indexed.Reader(*device);
  for (const Entry& wanted : indexed.session.entries) {
    std::optional<Entry> entry = Value(reader.Next());
    ASSERT_TRUE(entry.has_value());
    ASSERT_EQ(*entry, wanted);
  }
  EXPECT_FALSE(Value(reader.Next()).has_value());
  EXPECT_FALSE(Value(reader.Next()).has_value());
}

TEST(IndexReader, SeeksToAnyPath) {
  const Indexed& indexed = SomeIndex();
  const std::vector<Entry>& entries = indexed.session.entries;
  auto device = MemoryDevice::FromBytes(BytesOf(indexed.volume.device()));
  IndexReader reader = indexed.Reader(*device);
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::string path = entries[random() % entries.size()].path;
    if (random() % 3 == 0) path += static_cast<char>('!' + random() % 90);
    if (random() % 20 == 0) path = random() % 2 == 0 ? "." : "zzz";
    auto wanted = std::lower_bound(
        entries.begin(), entries.end(), path,
        [](const Entry& entry, const std::string& to) { return ComparePaths(entry.path, to) < 0; });
    ASSERT_THAT(reader.SeekTo(path), IsOk());
    for (uint64_t more = random() % 500; more > 0; --more) {
      std::optional<Entry> entry = Value(reader.Next());
      ASSERT_EQ(entry.has_value(), wanted != entries.end()) << path;
      if (!entry) break;
      ASSERT_EQ(*entry, *wanted++);
    }
  }
}

TEST(IndexReader, DamagedPagesAreNeverUsed) {
  const Indexed& indexed = SomeIndex();
  const EndRecord& end = indexed.session.ends.at(0);
  uint64_t begin = end.index_place.unit * limits::kUnitBytes;
  uint64_t length = indexed.volume.session_ends()[0] - 2 * limits::kUnitBytes - begin;
  std::mt19937_64 random(3);
  size_t failures = 0;
  for (uint64_t round = 0; round < (FullRun() ? 5000 : 200); round += Thinned(1)) {
    auto device = MemoryDevice::FromBytes(BytesOf(indexed.volume.device()));
    device->Flip(begin + random() % length);
    IndexReader reader = indexed.Reader(*device);
    for (const Entry& wanted : indexed.session.entries) {
      Result<std::optional<Entry>> entry = reader.Next();
      if (!entry.ok()) {
        ++failures;
        break;
      }
      ASSERT_TRUE(entry->has_value());
      ASSERT_EQ(**entry, wanted);
    }
  }
  EXPECT_GT(failures, 0u);
}

// Writes pages by hand and counts what a reader takes from them before it refuses.
size_t EntriesUntilRefused(const std::vector<uint64_t>& first_ordinals, uint32_t level) {
  MemoryDevice device;
  BlockWriter::Options options;
  options.volume_uuid = FixedLabel().volume_uuid;
  options.max_block_bytes = 64u << 10;
  options.session_id.fill(std::byte{1});
  options.session_number = 1;
  BlockWriter blocks(device, options);
  uint64_t sequence = 0;
  auto append = [&](ChunkKind kind, const std::string& raw) {
    ChunkHeader header;
    header.kind = static_cast<uint8_t>(kind);
    header.sequence = sequence++;
    header.raw_bytes = header.stored_bytes = static_cast<uint32_t>(raw.size());
    header.raw_checksum = Checksum64(AsBytes(raw));
    ChildPage page{"a", 0, Value(blocks.Append(BlockType::kIndex, header, AsBytes(raw))), {}};
    page.digest = ComputeDigest128(AsBytes(raw));
    return page;
  };
  LeafBuilder leaf(false);
  Entry entry;
  entry.path = "a";
  leaf.Add(entry);
  ChildPage page = append(ChunkKind::kLeaf, leaf.Finish());
  for (uint32_t above = 1; above <= level; ++above) {
    InnerPage inner{above, {}};
    for (uint64_t first : first_ordinals) {
      page.first_ordinal = first;
      inner.children.push_back(page);
    }
    page = append(ChunkKind::kInner, EncodeInner(inner));
  }
  Check(blocks.EndSection());
  EndRecord end;
  end.root = page.locator;
  end.root_digest = page.digest;
  end.root_level = level;
  IndexReader reader(device, FixedLabel(), end);
  for (size_t count = 0;; ++count) {
    Result<std::optional<Entry>> next = reader.Next();
    if (!next.ok()) return count;
    EXPECT_TRUE(next->has_value());
    if (!next->has_value() || count > 100) return ~size_t{0};
  }
}

TEST(IndexReader, PagesThatNameEachOtherAgainAndAgainAreRefused) {
  EXPECT_EQ(EntriesUntilRefused({0, 1, 2, 3}, 1), 1u);
  EXPECT_EQ(EntriesUntilRefused({0, 1, 2, 3, 4, 5, 6, 7}, 8), 1u);
  EXPECT_EQ(EntriesUntilRefused({1, 2}, 1), 0u);
}

TEST(DigestTable, OrdinalsMayLeaveOutAnyNumber) {
  DigestTable table;
  std::vector<uint64_t> ordinals = {
      0, 1, 2, 7, 8, uint64_t{1} << 39, (uint64_t{1} << 39) + 1, limits::kMaxObjects - 1};
  for (uint64_t ordinal : ordinals) {
    StreamEnd proven{.size = ordinal + 5};
    proven.digests.xxh128[0] = static_cast<std::byte>(ordinal);
    Check(table.Add(ordinal, ordinal == 1 ? nullptr : &proven));
  }
  for (uint64_t ordinal : ordinals) {
    std::optional<StreamEnd> found = Value(table.Find(ordinal));
    ASSERT_EQ(found.has_value(), ordinal != 1) << ordinal;
    EXPECT_TRUE(!found || found->size == ordinal + 5);
  }
  for (uint64_t ordinal : {uint64_t{3}, uint64_t{6}, uint64_t{9}, (uint64_t{1} << 39) - 1,
                           (uint64_t{1} << 39) + 2, limits::kMaxObjects, ~uint64_t{0}}) {
    EXPECT_FALSE(Value(table.Find(ordinal)).has_value()) << ordinal;
  }
}

}  // namespace
}  // namespace tapir::test
