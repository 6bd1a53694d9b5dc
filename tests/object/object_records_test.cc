#include "object/object_records.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "tapir/base/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

std::shared_ptr<const NtfsMetadata> RandomNtfs(std::mt19937_64& random, const Metadata& of) {
  auto ntfs = std::make_shared<NtfsMetadata>();
  ntfs->file_attributes = static_cast<uint32_t>(random());
  ntfs->creation_time = random();
  ntfs->modification_time = random();
  ntfs->change_time = random();
  ntfs->access_time = random();
  ntfs->file_reference = random();
  const auto maybe = [&](size_t most) {
    return random() % 2 == 0 ? std::string() : RandomBytes(1 + random() % most, random());
  };
  ntfs->short_name = maybe(12);
  ntfs->security_descriptor = maybe(300);
  ntfs->object_id = maybe(64);
  ntfs->extended_attributes = maybe(100);
  ntfs->reparse_data = maybe(100);
  ntfs->efs_metadata = maybe(700);
  std::vector<FurtherStream> streams = of.further_streams;
  if (of.type != ObjectType::kDirectory) streams.insert(streams.begin(), FurtherStream{});
  for (const FurtherStream& stream : streams) {
    if (random() % 2 == 0) continue;
    const uint64_t size = random() % limits::kMaxStreamBytes;
    ntfs->streams.push_back({stream.number, random() % 2 == 0, random() % 2 == 0, random() % 2 == 0,
                             size, size == 0 ? 0 : random() % size});
  }
  if (random() % 2 == 0) {
    ntfs->sis = {SisRole::kLink, SisPairing::kName, {"store/a.sis", "store/b.sis"}};
  }
  return ntfs;
}

Metadata RandomMetadata(std::mt19937_64& random) {
  Metadata metadata;
  metadata.type = static_cast<ObjectType>(1 + random() % 7);
  metadata.path = "d/" + std::to_string(random());
  metadata.path_encoding = static_cast<PathEncoding>(random() % 2);
  metadata.mode = random() % 010000;
  metadata.uid = static_cast<uint32_t>(random());
  metadata.gid = static_cast<uint32_t>(random());
  metadata.mtime = {static_cast<int64_t>(random()),
                    static_cast<uint32_t>(random() % kNanosecondsPerSecond)};
  metadata.link_count = static_cast<uint32_t>(random());
  metadata.size = random();
  metadata.device_major = static_cast<uint32_t>(random());
  metadata.device_minor = static_cast<uint32_t>(random());
  if (metadata.type == ObjectType::kSymlink) metadata.link_target = "../" + RandomBytes(3, 1);
  if (random() % 2 == 0) metadata.owner_name = "owner";
  if (random() % 2 == 0) metadata.group_name = RandomBytes(17, random());
  for (uint64_t i = random() % 4; i > 0; --i) {
    metadata.xattrs.push_back({"user." + std::to_string(i), RandomBytes(random() % 50, i)});
  }
  if (metadata.type == ObjectType::kHardLink) {
    metadata.primary_ordinal = random() % 1000;
    metadata.primary_path = "first/name";
  }
  metadata.has_access_time = random() % 2 == 0;
  if (metadata.has_access_time) metadata.access_time = {-1, 999'999'999};
  for (uint64_t i = random() % 3; i > 0; --i)
    metadata.other_names.push_back("o/" + RandomBytes(4, 9));
  for (uint32_t i = 1; i <= random() % 3; ++i) metadata.further_streams.push_back({i, "s:name"});
  if (random() % 2 == 0) metadata.ntfs = RandomNtfs(random, metadata);
  return metadata;
}

TEST(ObjectRecords, BeginRoundTrips) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 500; ++round) {
    Metadata metadata = RandomMetadata(random);
    uint64_t ordinal = 1000 + random() % limits::kMaxObjects / 2;
    std::string payload = EncodeObjectBegin(ordinal, metadata);
    EXPECT_EQ(payload.size() % 8, 0u);
    ObjectBegin begin = Value(DecodeObjectBegin(AsBytes(payload)));
    EXPECT_EQ(begin.ordinal, ordinal);
    EXPECT_EQ(EncodeObjectBegin(ordinal, begin.metadata), payload);
    EXPECT_EQ(begin.metadata.path, metadata.path);
    EXPECT_EQ(begin.metadata.xattrs, metadata.xattrs);
    EXPECT_EQ(begin.metadata.other_names, metadata.other_names);
    EXPECT_EQ(begin.metadata.mtime, metadata.mtime);
    EXPECT_EQ(begin.metadata.further_streams, metadata.further_streams);
    ASSERT_EQ(begin.metadata.ntfs != nullptr, metadata.ntfs != nullptr);
    if (metadata.ntfs) {
      EXPECT_EQ(*begin.metadata.ntfs, *metadata.ntfs);
    }
  }
}

// Whatever is cut off or changed, the decoders answer with a value or a failure and read nothing
// beyond.
TEST(ObjectRecords, CutAndFlippedRecordsNeverMisbehave) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 20; ++round) {
    std::string payload = EncodeObjectBegin(2000, RandomMetadata(random));
    for (size_t length = 0; length < payload.size(); ++length) {
      // An exact copy, so that a sanitizer sees each byte read too far.
      std::vector<std::byte> cut(AsBytes(payload).begin(),
                                 AsBytes(payload).begin() + static_cast<ptrdiff_t>(length));
      Result<ObjectBegin> begin = DecodeObjectBegin(cut);
      EXPECT_TRUE(!begin.ok() || length % 8 == 0);
      std::vector<std::byte> flipped(AsBytes(payload).begin(), AsBytes(payload).end());
      flipped[length] ^= static_cast<std::byte>(1u << (random() % 8));
      (void)DecodeObjectBegin(flipped).ok();
      (void)DecodeObjectEnd(flipped).ok();
      (void)DecodeWhole(flipped).ok();
      (void)DecodeReference(flipped).ok();
      (void)DecodeDataHead(flipped).ok();
    }
  }
}

struct BadBegin {
  const char* what;
  std::function<void(std::string&)> change;
  StatusCode code = StatusCode::kCorrupt;
};

void Put(std::string& payload, size_t at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) payload[at + i] = static_cast<char>(value >> (8 * i));
}

std::string GoodBegin() {
  Metadata metadata;
  metadata.path = "a";
  return EncodeObjectBegin(5, metadata);
}

TEST(ObjectRecords, FieldsOutOfRangeAreRefused) {
  std::vector<BadBegin> cases = {
      {"ordinal", [](auto& p) { Put(p, 0, limits::kMaxObjects, 8); }},
      {"object type 0", [](auto& p) { Put(p, 8, 0, 1); }, StatusCode::kUnsupported},
      {"object type 8", [](auto& p) { Put(p, 8, 8, 1); }, StatusCode::kUnsupported},
      {"tombstone type", [](auto& p) { Put(p, 8, 0x40, 1); }, StatusCode::kUnsupported},
      {"path encoding", [](auto& p) { Put(p, 9, 2, 1); }},
      {"reserved", [](auto& p) { Put(p, 10, 1, 1); }},
      {"mode", [](auto& p) { Put(p, 12, 010000, 4); }},
      {"nanoseconds", [](auto& p) { Put(p, 32, 1'000'000'000, 4); }},
      {"reserved", [](auto& p) { Put(p, 63, 1, 1); }},
      {"path of NUL", [](auto& p) { Put(p, 72, 0, 1); }, StatusCode::kInvalidArgument},
      {"path of slash", [](auto& p) { Put(p, 72, '/', 1); }, StatusCode::kInvalidArgument},
      {"padding", [](auto& p) { Put(p, 75, 1, 1); }},
      {"length over the end", [](auto& p) { Put(p, 68, 9, 4); }},
      {"length of 4 GiB", [](auto& p) { Put(p, 68, 0xFFFFFFFF, 4); }},
      {"attribute of type 0", [](auto& p) { Put(p, 64, 0, 2); }},
      {"no path", [](auto& p) { p.resize(64); }, StatusCode::kInvalidArgument},
      {"symlink without target", [](auto& p) { Put(p, 8, 3, 1); }},
      {"hard link without primary", [](auto& p) { Put(p, 8, 4, 1); }},
      {"two paths", [](auto& p) { AppendItem(p, ItemType::kPath, AsBytes("b")); }},
      {"two owners",
       [](auto& p) {
         AppendItem(p, ItemType::kOwnerName, AsBytes("b"));
         AppendItem(p, ItemType::kOwnerName, AsBytes("b"));
       }},
      {"stream 0",
       [](auto& p) { AppendItem(p, ItemType::kStream, AsBytes(std::string(9, '\0'))); }},
      {"xattr name too long",
       [](auto& p) { AppendItem(p, ItemType::kXattr, AsBytes("\xFF\xFF\xFF\xFFuser")); }},
      {"xattr without name",
       [](auto& p) { AppendItem(p, ItemType::kXattr, AsBytes(std::string(4, '\0'))); }},
      {"hard link to a later object",
       [](auto& p) {
         Put(p, 8, 4, 1);
         AppendItem(p, ItemType::kHardLink, AsBytes(std::string("\5\0\0\0\0\0\0\0b", 9)));
       }},
  };
  EXPECT_THAT(DecodeObjectBegin(AsBytes(GoodBegin())), IsOk());
  for (const BadBegin& bad : cases) {
    std::string payload = GoodBegin();
    bad.change(payload);
    EXPECT_THAT(DecodeObjectBegin(AsBytes(payload)), HasCode(bad.code)) << bad.what;
  }
}

TEST(ObjectRecords, PathComesFirst) {
  std::string payload = GoodBegin();
  std::string path = payload.substr(64);
  payload.resize(64);
  AppendItem(payload, ItemType::kOwnerName, AsBytes("me"));
  EXPECT_THAT(DecodeObjectBegin(AsBytes(payload + path)), HasCode(StatusCode::kCorrupt));
}

TEST(ObjectRecords, UnknownAttributesArePassedOverUnlessRequired) {
  std::string payload = GoodBegin();
  size_t at = payload.size();
  AppendItem(payload, static_cast<ItemType>(0x8123), AsBytes("private"));
  EXPECT_THAT(DecodeObjectBegin(AsBytes(payload)), IsOk());
  payload[at + 2] = 1;
  EXPECT_THAT(DecodeObjectBegin(AsBytes(payload)), HasCode(StatusCode::kUnsupported));
}

TEST(ObjectRecords, AttributesOverTheLimitAreRefused) {
  std::string payload = GoodBegin();
  AppendItem(payload, ItemType::kXattr, AsBytes(std::string(limits::kMaxAttributeBytes, 'x')));
  EXPECT_THAT(DecodeObjectBegin(AsBytes(payload)), HasCode(StatusCode::kLimitExceeded));
}

TEST(ObjectRecords, EndRoundTripsAndRefuses) {
  ObjectEnd end{.ordinal = 9, .status = ObjectStatus::kShort};
  for (uint32_t number : {0u, 3u, 4'000'000'000u}) {
    StreamEnd stream{
        .stream_number = number, .map_digest = number == 3, .size = 100 + number, .data_bytes = 50};
    stream.has_sha256 = number != 0;
    stream.digests.xxh128[1] = std::byte{7};
    if (stream.has_sha256) stream.digests.sha256[31] = std::byte{8};
    end.streams.push_back(stream);
  }
  std::string payload = EncodeObjectEnd(end);
  ObjectEnd read = Value(DecodeObjectEnd(AsBytes(payload)));
  EXPECT_EQ(EncodeObjectEnd(read), payload);
  ASSERT_NE(read.contents(), nullptr);
  EXPECT_EQ(read.contents()->size, 100u);
  EXPECT_TRUE(read.streams[2].has_sha256);
  constexpr size_t kFirstStream = 16 + kItemHeadBytes;
  for (auto [at, value] : std::vector<std::pair<size_t, char>>{{8, 5},
                                                               {9, 1},
                                                               {15, 1},
                                                               {kFirstStream, 3},
                                                               {kFirstStream + 4, 2},
                                                               {kFirstStream + 5, 1},
                                                               {kFirstStream + 15, '\x80'},
                                                               {kFirstStream + 16, 101}}) {
    std::string bad = payload;
    bad[at] = value;
    EXPECT_THAT(DecodeObjectEnd(AsBytes(bad)), HasCode(StatusCode::kCorrupt)) << at;
  }
}

TEST(ObjectRecords, ReferenceRoundTripsAndRefuses) {
  Reference reference{10, 0, 0, 9, 4096};
  std::string payload = EncodeReference(reference);
  Reference read = Value(DecodeReference(AsBytes(payload)));
  EXPECT_EQ(EncodeReference(read), payload);
  for (const Reference& bad :
       {Reference{10, 0, 0, 10, 1}, Reference{10, 0, 0, 11, 1}, Reference{10, 0, 0, 9, 0},
        Reference{10, 0, 0, 9, limits::kMaxStreamBytes + 1}}) {
    EXPECT_THAT(DecodeReference(AsBytes(EncodeReference(bad))), HasCode(StatusCode::kCorrupt));
  }
}

TEST(ObjectRecords, DataHeadRefusesRangesThatWrap) {
  for (uint64_t offset : {uint64_t{0}, limits::kMaxStreamBytes - 3, limits::kMaxStreamBytes - 2,
                          ~uint64_t{0} - 1, ~uint64_t{0}}) {
    std::string payload;
    AppendDataHead(payload, {1, 0, offset});
    payload += "abc";
    EXPECT_EQ(DecodeDataHead(AsBytes(payload)).ok(), offset <= limits::kMaxStreamBytes - 3);
  }
}

TEST(ObjectRecords, WholeRoundTripsAndRefuses) {
  std::string begin(80, 'b');
  std::string end(16, 'e');
  std::string payload = EncodeWholeHead(begin.size(), end.size()) + begin + end;
  WholeRecord whole = Value(DecodeWhole(AsBytes(payload)));
  EXPECT_EQ(AsText(whole.begin), begin);
  EXPECT_EQ(AsText(whole.end), end);
  for (auto [begin_bytes, end_bytes] :
       std::vector<std::pair<size_t, size_t>>{{81, 16}, {80, 15}, {80, 32}, {112, 0xFFFFFFF8}}) {
    std::string bad = EncodeWholeHead(begin_bytes, end_bytes) + payload.substr(8);
    EXPECT_THAT(DecodeWhole(AsBytes(bad)), HasCode(StatusCode::kCorrupt)) << begin_bytes;
  }
}

}  // namespace
}  // namespace tapir::test
