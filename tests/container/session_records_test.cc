#include "container/session_records.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "container/item.h"
#include "tapir/base/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_builder.h"

namespace tapir::test {
namespace {

SessionEntry SomeEntry(uint32_t number) {
  SessionEntry entry;
  entry.session_id.fill(static_cast<std::byte>(number));
  entry.session_number = number;
  entry.kind = SessionKind::kFull;
  entry.status = SessionStatus::kInterrupted;
  entry.start = {1, 2};
  entry.end = {-3, 999'999'999};
  entry.start_place = {4, 5};
  entry.end_place = {6, 7};
  entry.object_count = 8;
  entry.content_bytes = 9;
  entry.read_features = 10;
  entry.end_digest.fill(std::byte{11});
  return entry;
}

StartRecord SomeStart() {
  StartRecord start;
  start.session_id.fill(std::byte{1});
  start.session_number = 2;
  start.kind = SessionKind::kIncremental;
  start.with_sha256 = true;
  start.base_id.fill(std::byte{3});
  start.start = {4, 5};
  start.volume_sequence = 6;
  start.read_features = 7;
  start.append_features = 8;
  start.compatible_features = 9;
  start.previous_end = {10, 11};
  start.previous_end_digest.fill(std::byte{12});
  start.gap_first_unit = 13;
  start.gap_units = 14;
  start.writer = "writer";
  start.options = "options";
  start.earlier = {SomeEntry(1), SomeEntry(2)};
  return start;
}

EndRecord SomeEnd() {
  EndRecord end;
  end.session_id.fill(std::byte{1});
  end.session_number = 2;
  end.status = SessionStatus::kContinued;
  end.end = {3, 4};
  end.volume_sequence = 5;
  end.object_count = 6;
  end.content_bytes = 7;
  end.stored_bytes = 8;
  end.start_place = {9, 10};
  end.index_place = {11, 12};
  end.root = {{13, 14}, 15};
  end.root_level = 8;
  end.root_digest.fill(std::byte{16});
  end.read_features = 17;
  end.append_features = 18;
  end.compatible_features = 19;
  end.previous_end_digest.fill(std::byte{20});
  end.chunk_count = 21;
  end.flawed_count = 22;
  end.label = FixedLabel();
  end.writer = "writer";
  end.earlier = {SomeEntry(1)};
  end.has_policy = true;
  end.left_out = {{0, 3, 4096}, {7, 1, 0}};
  return end;
}

TEST(SessionRecords, RoundTrip) {
  std::string label = EncodeLabel(FixedLabel(1u << 20, true));
  EXPECT_EQ(EncodeLabel(Value(DecodeLabel(AsBytes(label)))), label);
  std::string start = EncodeStart(SomeStart());
  StartRecord read_start = Value(DecodeStart(AsBytes(start)));
  EXPECT_EQ(EncodeStart(read_start), start);
  EXPECT_EQ(read_start.earlier.size(), 2u);
  std::string end = EncodeEnd(SomeEnd());
  EndRecord read_end = Value(DecodeEnd(AsBytes(end)));
  EXPECT_EQ(EncodeEnd(read_end), end);
  EXPECT_EQ(read_end.label->name, "test volume");
  EXPECT_TRUE(read_end.has_policy);
  ASSERT_EQ(read_end.left_out.size(), 2u);
  EXPECT_EQ(read_end.left_out[0].bytes, 4096u);
  EXPECT_EQ(read_end.left_out[1].rule, 7u);
  // The fixed parts have the lengths of the text; offsets of the first attribute show them.
  EXPECT_EQ(LoadLe<uint16_t>(AsBytes(label).data() + 8 + 64), 0x0101);
  EXPECT_EQ(LoadLe<uint16_t>(AsBytes(start).data() + 8 + 112), 0x0102);
  EXPECT_EQ(LoadLe<uint16_t>(AsBytes(end).data() + 8 + 192), 0x0120);
  EXPECT_EQ(start.size(), 8u + 112 + 16 + 16 + 2 * (8 + 112));
}

using Decode = std::function<Status(ByteSpan)>;
struct Kind {
  std::string good;
  Decode decode;
};

std::vector<Kind> Kinds() {
  return {{EncodeLabel(FixedLabel()), [](ByteSpan raw) { return DecodeLabel(raw).status(); }},
          {EncodeStart(SomeStart()), [](ByteSpan raw) { return DecodeStart(raw).status(); }},
          {EncodeEnd(SomeEnd()), [](ByteSpan raw) { return DecodeEnd(raw).status(); }}};
}

TEST(SessionRecords, CutAndFlippedOnesNeverMisbehave) {
  std::mt19937_64 random(1);
  for (const Kind& kind : Kinds()) {
    for (size_t length = 0; length < kind.good.size(); ++length) {
      std::vector<std::byte> cut(AsBytes(kind.good).begin(),
                                 AsBytes(kind.good).begin() + static_cast<ptrdiff_t>(length));
      EXPECT_FALSE(kind.decode(cut).ok()) << length;
      std::string flipped = kind.good;
      flipped[length] = static_cast<char>(flipped[length] ^ (1 << (random() % 8)));
      (void)kind.decode(AsBytes(flipped)).ok();
    }
    for (const Kind& other : Kinds()) {
      EXPECT_EQ(other.decode(AsBytes(kind.good)).ok(), other.good == kind.good);
    }
  }
}

struct Field {
  size_t at;  ///< in the record's payload
  uint64_t value;
  size_t bytes;
};

void ExpectRefused(const Kind& kind, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    std::string bad = kind.good;
    for (size_t i = 0; i < field.bytes; ++i) {
      bad[8 + field.at + i] = static_cast<char>(field.value >> (8 * i));
    }
    EXPECT_THAT(kind.decode(AsBytes(bad)), HasCode(StatusCode::kCorrupt)) << field.at;
  }
}

TEST(SessionRecords, FieldsOutOfRangeAreRefused) {
  std::vector<Kind> kinds = Kinds();
  ExpectRefused(kinds[0], {{40, 1'000'000'000, 4},
                           {48, 32u << 10, 4},
                           {48, 16u << 20, 4},
                           {48, 65'536 + 4096, 4},
                           {48, 0, 4},
                           {52, 2, 4},
                           {56, 1, 1},
                           {63, 1, 1}});
  ExpectRefused(kinds[1], {{12, 0, 1}, {12, 4, 1}, {14, 1, 1}, {32, 1'000'000'000, 4}});
  ExpectRefused(kinds[2], {{12, 0, 1},
                           {12, 4, 1},
                           {13, 2, 1},
                           {24, 0xFFFFFFFF, 4},
                           {108, limits::kMaxIndexLevels + 1, 4},
                           {184, 1, 1},
                           {191, 1, 1}});
}

TEST(SessionRecords, AttributesOccurOnce) {
  Label label = FixedLabel();
  std::string payload = EncodeLabel(label).substr(8);
  AppendItem(payload, ItemType::kLabelName, AsBytes("again"));
  std::string raw;
  AppendItem(raw, ItemType::kLabel, AsBytes(payload));
  EXPECT_THAT(DecodeLabel(AsBytes(raw)), HasCode(StatusCode::kCorrupt));
}

TEST(SessionRecords, UnknownAttributesArePassedOverUnlessRequired) {
  std::string payload = EncodeLabel(FixedLabel()).substr(8);
  size_t at = payload.size();
  AppendItem(payload, static_cast<ItemType>(0x7000), AsBytes("new"));
  std::string raw;
  AppendItem(raw, ItemType::kLabel, AsBytes(payload));
  EXPECT_THAT(DecodeLabel(AsBytes(raw)), IsOk());
  raw[8 + at + 2] = 1;
  EXPECT_THAT(DecodeLabel(AsBytes(raw)), HasCode(StatusCode::kUnsupported));
}

}  // namespace
}  // namespace tapir::test
