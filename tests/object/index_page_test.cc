#include "object/index_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "container/chunk_reader.h"
#include "object/index_writer.h"
#include "tapir/device/memory_device.h"
#include "tapir/object/path_order.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

std::string RandomPath(std::mt19937_64& random) {
  std::string path(1 + random() % 3, static_cast<char>('a' + random() % 3));
  for (uint64_t i = random() % 4; i > 0; --i) {
    path += "/" + std::string(1 + random() % 200, static_cast<char>(1 + random() % 255));
    std::replace(path.end() - 1, path.end(), '/', 'x');
  }
  std::replace(path.begin(), path.end(), '.', 'y');
  return CheckPath(path).ok() ? path : "z" + std::to_string(random());
}

Entry RandomEntry(std::mt19937_64& random, uint64_t ordinal, bool with_sha256, bool extreme) {
  auto number = [&](uint64_t limit) { return extreme ? limit - random() % 2 : random() % 5000; };
  Entry entry;
  entry.ordinal = ordinal;
  static constexpr ObjectType kTypes[] = {
      ObjectType::kRegular,  ObjectType::kRegular,   ObjectType::kDirectory,
      ObjectType::kSymlink,  ObjectType::kFifo,      ObjectType::kCharDevice,
      ObjectType::kHardLink, ObjectType::kTombstone, ObjectType::kExcluded};
  entry.type = kTypes[random() % std::size(kTypes)];
  if (entry.type == ObjectType::kHardLink && ordinal == 0) entry.type = ObjectType::kFifo;
  entry.status = static_cast<ObjectStatus>(random() % 4);
  entry.path_encoding = static_cast<PathEncoding>(random() % 2);
  entry.mode = static_cast<uint32_t>(random() % 010000);
  entry.uid = static_cast<uint32_t>(number(0xFFFFFFFF));
  entry.gid = static_cast<uint32_t>(number(0xFFFFFFFF));
  entry.mtime = {static_cast<int64_t>(number(~uint64_t{0} >> (random() % 2))),
                 static_cast<uint32_t>(random() % kNanosecondsPerSecond)};
  entry.has_further_streams = random() % 5 == 0;
  entry.record_digest = random();
  entry.record_offset = static_cast<uint32_t>(number(0xFFFFFFFF));
  if (entry.type == ObjectType::kSymlink) entry.link_target = RandomBytes(random() % 60, random());
  if (entry.type == ObjectType::kHardLink) entry.link_ordinal = random() % ordinal;
  if (entry.type == ObjectType::kRegular) {
    entry.size = number(~uint64_t{0} >> 1);
    entry.map_digest = random() % 5 == 0;
    for (std::byte& byte : entry.xxh128) byte = static_cast<std::byte>(random());
    if (with_sha256) entry.sha256[random() % 32] = static_cast<std::byte>(random());
    if (ordinal > 0 && random() % 4 == 0) {
      entry.link_ordinal = random() % ordinal;
      entry.whole_reference = random() % 2 == 0;
      entry.reference_bytes = entry.whole_reference ? entry.size : 1 + random() % 100;
    }
  }
  if (entry.type == ObjectType::kExcluded) {
    entry.size = number(~uint64_t{0} >> 1);
    if (random() % 3 != 0) entry.excluded_by = static_cast<uint32_t>(random() % 65536);
  }
  if (entry.path_encoding == PathEncoding::kWtf8) {
    entry.file_attributes = static_cast<uint32_t>(number(0xFFFFFFFF));
    const bool reparse = (entry.file_attributes & kWindowsReparsePoint) != 0;
    if (reparse) entry.reparse_tag = static_cast<uint32_t>(random());
    entry.sis.role = static_cast<SisRole>(random() % 5);
    entry.sis.pairing = static_cast<SisPairing>(random() % 5);
    const bool link = entry.sis.role == SisRole::kLink;
    for (uint64_t i = link ? random() % 3 : 0; i > 0; --i) {
      entry.sis.files.push_back("store/" + RandomBytes(random() % 60, random()));
    }
  }
  return entry;
}

// Entries in path order, several in each chunk.
std::vector<Entry> RandomEntries(uint64_t seed, size_t count, bool with_sha256, bool extreme) {
  std::mt19937_64 random(seed);
  std::vector<std::string> paths;
  for (size_t i = 0; i < count; ++i) paths.push_back(RandomPath(random));
  std::sort(paths.begin(), paths.end(), PathLess());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::vector<Entry> entries;
  uint64_t first_ordinal = extreme ? (uint64_t{1} << 39) : random() % 100;
  Locator chunk{{7, 3}, 128};
  for (size_t i = 0; i < paths.size(); ++i) {
    Entry entry = RandomEntry(random, first_ordinal + i, with_sha256, extreme);
    entry.path = paths[i];
    if (random() % 4 == 0) {
      chunk.block.object += random() % 3;
      chunk.block.unit += extreme ? uint64_t{1} << 50 : random() % 300;
      chunk.offset_bytes = static_cast<uint32_t>(8 * (random() % 100'000));
    }
    entry.block_object = chunk.block.object;
    entry.block_unit = chunk.block.unit;
    entry.chunk_offset = chunk.offset_bytes;
    entries.push_back(std::move(entry));
  }
  return entries;
}

TEST(IndexPage, LeavesRoundTrip) {
  for (uint64_t seed = 1; seed <= (FullRun() ? 2000u : 100u); seed += Thinned(1)) {
    bool with_sha256 = seed % 2 == 0;
    LeafBuilder builder(with_sha256);
    std::vector<Entry> entries = RandomEntries(seed, seed % 90, with_sha256, seed % 3 == 0);
    for (const Entry& entry : entries) builder.Add(entry);
    std::string page = builder.Finish();
    EXPECT_EQ(Value(DecodeLeaf(AsBytes(page))), entries) << seed;
    EXPECT_TRUE(builder.empty());
  }
}

TEST(IndexPage, FullLeavesStayBelowTheirLimit) {
  for (bool extreme : {false, true}) {
    LeafBuilder builder(true);
    size_t pages = 0;
    for (const Entry& entry : RandomEntries(3, 6000, true, extreme)) {
      if (!builder.Fits(entry)) {
        EXPECT_LE(builder.Finish().size(), kLeafPageBytes);
        ++pages;
      }
      builder.Add(entry);
    }
    EXPECT_GT(pages, 3u);
  }
}

TEST(IndexPage, OneEntryMayBeLargerThanAPage) {
  Entry entry;
  for (int i = 0; i < 250; ++i) entry.path += std::string(4096, 'p') + "/";
  entry.path += "end";
  entry.type = ObjectType::kSymlink;
  entry.link_target = std::string(1u << 20, 't');
  LeafBuilder builder(false);
  EXPECT_TRUE(builder.Fits(entry));
  builder.Add(entry);
  EXPECT_FALSE(builder.Fits(entry));
  EXPECT_EQ(Value(DecodeLeaf(AsBytes(builder.Finish()))), std::vector{entry});
}

TEST(IndexPage, CutAndChangedPagesNeverMisbehave) {
  std::mt19937_64 random(9);
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    LeafBuilder builder(true);
    for (const Entry& entry : RandomEntries(seed, 20, true, false)) builder.Add(entry);
    std::string page = builder.Finish();
    for (size_t length = 0; length < page.size(); length += Thinned(1)) {
      std::vector<std::byte> cut(AsBytes(page).begin(),
                                 AsBytes(page).begin() + static_cast<ptrdiff_t>(length));
      EXPECT_FALSE(DecodeLeaf(cut).ok()) << length;
      (void)DecodeInner(cut).ok();
      std::vector<std::byte> changed(AsBytes(page).begin(), AsBytes(page).end());
      changed[length] = static_cast<std::byte>(random());
      (void)DecodeLeaf(changed).ok();
      (void)DecodeInner(changed).ok();
    }
  }
}

TEST(IndexPage, CountsAreCheckedBeforeMemoryIsTaken) {
  std::string page;
  WriteCursor to(page);
  to.U32(0xFFFFFFFF);
  to.U32(0xFFFFFFFF);
  to.U64(0);
  EXPECT_THAT(DecodeLeaf(AsBytes(page)), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(DecodeInner(AsBytes(page)), HasCode(StatusCode::kCorrupt));
}

TEST(IndexPage, UnknownColumnsArePassedOverUnlessRequired) {
  LeafBuilder builder(false);
  builder.Add(RandomEntries(1, 1, false, false).at(0));
  std::string page = builder.Finish();
  uint32_t columns = LoadLe<uint32_t>(AsBytes(page).data() + 4);
  page[4] = static_cast<char>(columns + 1);
  std::string row("\x00\x70\x00\x00\x03\x00\x00\x00", 8);
  page.insert(16 + 8 * size_t{columns}, row);
  page += "new";
  EXPECT_THAT(DecodeLeaf(AsBytes(page)), IsOk());
  page[16 + 8 * size_t{columns} + 2] = 1;
  EXPECT_THAT(DecodeLeaf(AsBytes(page)), HasCode(StatusCode::kUnsupported));
}

TEST(IndexPage, InnerPagesRoundTrip) {
  InnerPage page{.level = 3, .children = {}};
  for (uint64_t i = 0; i < 100; ++i) {
    ChildPage child{"path/" + std::to_string(1000 + i), i * i, {{i, i * 9}, 192}, {}};
    child.digest[0] = static_cast<std::byte>(i);
    page.children.push_back(child);
  }
  std::string raw = EncodeInner(page);
  InnerPage read = Value(DecodeInner(AsBytes(raw)));
  EXPECT_EQ(EncodeInner(read), raw);
  EXPECT_EQ(read.level, 3u);
  ASSERT_EQ(read.children.size(), 100u);
  EXPECT_EQ(read.children[99].locator, page.children[99].locator);
  for (size_t length = 0; length < raw.size(); ++length) {
    EXPECT_FALSE(DecodeInner(AsBytes(raw).first(length)).ok());
  }
}

// All pages of an index section, by where they stand.
std::map<uint64_t, std::vector<std::string>> PagesOf(MemoryDevice& device) {
  std::map<uint64_t, std::vector<std::string>> by_kind;
  Check(device.Locate({}));
  ChunkReader reader(device, {});
  Decompressor decompressor;
  for (ChunkEvent event = Value(reader.Next()); event.kind != ChunkEvent::Kind::kEnd;
       event = Value(reader.Next())) {
    if (event.kind != ChunkEvent::Kind::kChunk) continue;
    RawChunk raw = Value(ExpandChunk(event.chunk, decompressor));
    by_kind[raw.header.kind].emplace_back(AsText(raw.bytes));
  }
  return by_kind;
}

void ExpectIndexHolds(const std::vector<Entry>& entries, uint32_t least_levels) {
  MemoryDevice device;
  BlockWriter::Options options;
  options.max_block_bytes = 64u << 10;
  options.session_id.fill(std::byte{1});
  options.session_number = 1;
  BlockWriter blocks(device, options);
  IndexWriter writer(true, 3);
  for (const Entry& entry : entries) Check(writer.Add(entry));
  uint64_t sequence = 0;
  const StoredLeaves leaves = Value(writer.Finish());
  WrittenIndex written = Value(WriteIndex(blocks, leaves, IndexForm::kOwn, 3, sequence));
  Check(blocks.EndSection());
  auto pages = PagesOf(device);
  std::vector<Entry> read;
  for (const std::string& page : pages[static_cast<uint8_t>(ChunkKind::kLeaf)]) {
    for (Entry& entry : Value(DecodeLeaf(AsBytes(page)))) read.push_back(std::move(entry));
  }
  EXPECT_EQ(read, entries);
  EXPECT_GE(written.root_level, least_levels);
  EXPECT_LE(written.root_level, limits::kMaxIndexLevels);
  auto& inner = pages[static_cast<uint8_t>(ChunkKind::kInner)];
  const std::string& root =
      inner.empty() ? pages[static_cast<uint8_t>(ChunkKind::kLeaf)].back() : inner.back();
  EXPECT_EQ(ComputeDigest128(AsBytes(root)), written.root_digest);
  uint64_t below = 0;
  for (const std::string& page : inner) below += Value(DecodeInner(AsBytes(page))).children.size();
  // Every page but the root is the child of one.
  EXPECT_EQ(below + 1, sequence);
}

TEST(IndexWriter, WritesAllEntriesAndOneTree) {
  ExpectIndexHolds({}, 0);
  ExpectIndexHolds(RandomEntries(1, 1, true, false), 0);
  ExpectIndexHolds(RandomEntries(2, 200, true, false), 0);
  ExpectIndexHolds(RandomEntries(3, 20'000, true, false), 1);
}

TEST(IndexWriter, LongPathsDoNotMakeTheTreeTooDeep) {
  std::vector<Entry> entries;
  for (uint64_t i = 0; i < 700; ++i) {
    Entry entry;
    entry.ordinal = i;
    entry.path = std::to_string(1000 + i);
    for (int part = 0; part < 18; ++part) entry.path += "/" + std::string(4000, 'x');
    entries.push_back(std::move(entry));
  }
  ExpectIndexHolds(entries, 3);
}

}  // namespace
}  // namespace tapir::test
