#include "container/volume.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"

namespace tapir::test {
namespace {

std::vector<MemoryObject> Tree(uint64_t seed) {
  return {Directory("d"), File("d/a", TextBytes(9000, seed)), File("d/b", RandomBytes(5000, seed))};
}

// A volume with these many small sessions, built once.
VolumeBuilder& VolumeOf(size_t sessions) {
  static std::map<size_t, std::unique_ptr<VolumeBuilder>> kept;
  std::unique_ptr<VolumeBuilder>& volume = kept[sessions];
  if (!volume) {
    volume = std::make_unique<VolumeBuilder>();
    for (size_t i = 0; i < sessions; ++i) Check(volume->Add(Tree(i)).status());
  }
  return *volume;
}

Result<VolumeState> StateOf(std::vector<std::byte> bytes) {
  return ReadVolumeState(*MemoryDevice::FromBytes(std::move(bytes)));
}

std::vector<std::byte> Cut(const VolumeBuilder& volume, uint64_t length) {
  std::vector<std::byte> bytes = BytesOf(volume.device());
  bytes.resize(length);
  return bytes;
}

TEST(VolumeState, CountsSessions) {
  for (size_t sessions : {0u, 1u, 2u, 50u}) {
    VolumeBuilder& volume = VolumeOf(sessions);
    VolumeState state = Value(ReadVolumeState(volume.device()));
    EXPECT_EQ(state.sessions.size(), sessions);
    EXPECT_FALSE(state.torn);
    EXPECT_FALSE(state.label_damaged);
    EXPECT_FALSE(state.scanned);
    EXPECT_EQ(state.label.name, "test volume");
    EXPECT_EQ(state.last_session_number, sessions);
    EXPECT_EQ(state.append_unit * limits::kUnitBytes, volume.device().bytes().size());
    EXPECT_EQ(state.valid_end_unit, state.append_unit);
    for (const SessionEntry& entry : state.sessions) {
      EXPECT_THAT(ReadEnd(volume.device(), state.label, entry), IsOk());
      StartRecord start = Value(ReadStart(volume.device(), state.label, entry));
      EXPECT_EQ(start.session_number, entry.session_number);
    }
  }
}

TEST(VolumeState, FullBlocksEndInZerosThatBelongToThem) {
  VolumeBuilder volume(FixedLabel(64u << 10, true));
  Check(volume.Add(Tree(1)).status());
  Check(volume.Add(Tree(2)).status());
  VolumeState state = Value(ReadVolumeState(volume.device()));
  EXPECT_EQ(state.sessions.size(), 2u);
  EXPECT_FALSE(state.torn);
  EXPECT_EQ(state.valid_end_unit, state.append_unit);
}

// What must be found in a volume that was cut at `length`.
void ExpectStateOfCut(const VolumeBuilder& volume, uint64_t length) {
  Result<VolumeState> state = StateOf(Cut(volume, length));
  if (length == 0) {
    EXPECT_THAT(state, HasCode(StatusCode::kNotFound));
    return;
  }
  if (length < volume.label_bytes()) {
    EXPECT_FALSE(state.ok()) << length;
    return;
  }
  ASSERT_THAT(state, IsOk()) << length;
  const std::vector<uint64_t>& ends = volume.session_ends();
  // Every session of this volume ends with two END blocks of one unit each, which differ in
  // nothing but place: one of them is enough.
  size_t whole = 0;
  bool exact = length == volume.label_bytes();
  for (uint64_t end : ends) {
    whole += length >= end - limits::kUnitBytes ? 1u : 0u;
    exact |= length == end || length == end - limits::kUnitBytes;
  }
  EXPECT_EQ(state->sessions.size(), whole) << length;
  EXPECT_EQ(state->torn, !exact) << length;
  EXPECT_FALSE(state->scanned) << length;
  EXPECT_EQ(state->append_unit, (length + limits::kUnitBytes - 1) / limits::kUnitBytes);
}

TEST(VolumeState, CutAtEveryUnit) {
  const VolumeBuilder& volume = VolumeOf(5);
  for (uint64_t length = 0; length <= volume.session_ends().back(); length += limits::kUnitBytes) {
    ExpectStateOfCut(volume, length);
  }
}

TEST(VolumeState, CutAtEveryByte) {
  const VolumeBuilder& volume = VolumeOf(2);
  uint64_t step = FullRun() ? 1 : 61;
  if (step > 1) std::printf("every %d. byte; TAPIR_FULL=1 takes each\n", static_cast<int>(step));
  for (uint64_t length = 0; length <= volume.session_ends().back(); length += step) {
    ExpectStateOfCut(volume, length);
  }
}

struct EndPlaces {
  uint64_t first;
  uint64_t second;
};

// Where the ENDs of a session written by VolumeOf lie, in bytes.
EndPlaces EndsOf(const VolumeBuilder& volume, size_t session) {
  uint64_t end = volume.session_ends()[session];
  return {end - 2 * uint64_t{limits::kUnitBytes}, end - limits::kUnitBytes};
}

TEST(VolumeState, OneDamagedEndOfTheLastSessionIsEnough) {
  const VolumeBuilder& volume = VolumeOf(5);
  EndPlaces ends = EndsOf(volume, 4);
  // In the block header, the chunk header, the record.
  for (uint64_t offset : {8u, 40u, 127u, 130u, 180u, 200u, 400u}) {
    for (uint64_t place : {ends.first, ends.second}) {
      std::vector<std::byte> bytes = BytesOf(volume.device());
      bytes[place + offset] ^= std::byte{0x10};
      VolumeState state = Value(StateOf(std::move(bytes)));
      EXPECT_EQ(state.sessions.size(), 5u) << offset;
      EXPECT_EQ(state.sessions.back().end_place.unit * limits::kUnitBytes, ends.first) << offset;
      EXPECT_FALSE(state.scanned);
    }
  }
}

TEST(VolumeState, BothEndsOfTheLastSessionDamaged) {
  const VolumeBuilder& volume = VolumeOf(5);
  EndPlaces ends = EndsOf(volume, 4);
  for (uint64_t first_offset : {40u, 200u}) {
    for (uint64_t second_offset : {40u, 200u}) {
      std::vector<std::byte> bytes = BytesOf(volume.device());
      bytes[ends.first + first_offset] ^= std::byte{0x10};
      bytes[ends.second + second_offset] ^= std::byte{0x10};
      VolumeState state = Value(StateOf(std::move(bytes)));
      EXPECT_EQ(state.sessions.size(), 4u) << first_offset << ", " << second_offset;
      // The headers of the second copy's blocks tell that the first one was written.
      bool known_to_have_ended = second_offset == 200;
      EXPECT_EQ(state.lost_end.has_value(), known_to_have_ended);
      EXPECT_EQ(state.torn, !known_to_have_ended);
      EXPECT_EQ(state.last_session_number, 5u);
    }
  }
}

TEST(VolumeState, DamagedEndsOfEarlierSessionsDoNotMatter) {
  const VolumeBuilder& volume = VolumeOf(5);
  EndPlaces ends = EndsOf(volume, 2);
  std::vector<std::byte> bytes = BytesOf(volume.device());
  bytes[ends.first + 200] ^= std::byte{1};
  bytes[ends.second + 200] ^= std::byte{1};
  auto device = MemoryDevice::FromBytes(std::move(bytes));
  VolumeState state = Value(ReadVolumeState(*device));
  ASSERT_EQ(state.sessions.size(), 5u);
  EXPECT_FALSE(state.torn);
  EXPECT_THAT(ReadEnd(*device, state.label, state.sessions[2]), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(ReadEnd(*device, state.label, state.sessions[3]), IsOk());
}

// A torn session behind a session whose ENDs cannot be read: only its START tells of it.
TEST(VolumeState, ScansWhenTheLastEndCannotBeRead) {
  const VolumeBuilder& volume = VolumeOf(5);
  EndPlaces ends = EndsOf(volume, 3);
  std::vector<std::byte> bytes = Cut(volume, volume.session_ends()[3] + 3 * limits::kUnitBytes);
  bytes[ends.first + 200] ^= std::byte{1};
  bytes[ends.second + 200] ^= std::byte{1};
  VolumeState state = Value(StateOf(std::move(bytes)));
  EXPECT_TRUE(state.scanned);
  EXPECT_TRUE(state.torn);
  EXPECT_EQ(state.sessions.size(), 4u);
  EXPECT_EQ(state.last_session_number, 5u);
}

TEST(VolumeState, ADamagedLabelIsTakenFromAnEnd) {
  const VolumeBuilder& volume = VolumeOf(2);
  for (uint64_t offset = 0; offset < limits::kUnitBytes; offset += FullRun() ? 1u : 7u) {
    std::vector<std::byte> bytes = BytesOf(volume.device());
    bytes[offset] ^= std::byte{0x20};
    Result<VolumeState> state = StateOf(std::move(bytes));
    ASSERT_THAT(state, IsOk()) << offset;
    EXPECT_EQ(state->sessions.size(), 2u) << offset;
    EXPECT_EQ(state->label.name, "test volume") << offset;
    EXPECT_EQ(state->label.max_block_bytes, 64u << 10) << offset;
    EXPECT_FALSE(state->torn) << offset;
  }
}

TEST(VolumeState, AnOverwrittenBeginningIsTakenFromAnEnd) {
  const VolumeBuilder& volume = VolumeOf(2);
  std::vector<std::byte> bytes = BytesOf(volume.device());
  std::string noise = RandomBytes(volume.session_ends()[0], 9);
  std::memcpy(bytes.data(), noise.data(), noise.size());
  VolumeState state = Value(StateOf(std::move(bytes)));
  EXPECT_TRUE(state.label_damaged);
  EXPECT_EQ(state.sessions.size(), 2u);
  EXPECT_EQ(state.label.name, "test volume");
}

TEST(VolumeState, AZeroTailIsNotPartOfTheVolume) {
  const VolumeBuilder& volume = VolumeOf(2);
  for (uint64_t zeros : {1u, 4096u, 100'000u, 20u << 20}) {
    uint64_t length = volume.session_ends().back();
    VolumeState state = Value(StateOf(Cut(volume, length + zeros)));
    EXPECT_EQ(state.sessions.size(), 2u) << zeros;
    EXPECT_EQ(state.valid_end_unit * limits::kUnitBytes, length) << zeros;
  }
}

TEST(VolumeState, ANoiseTailLeavesTheSessionsAsTheyAre) {
  const VolumeBuilder& volume = VolumeOf(2);
  std::vector<std::byte> bytes = BytesOf(volume.device());
  uint64_t length = bytes.size();
  std::string noise = RandomBytes(9u << 20, 4);
  bytes.insert(bytes.end(), AsBytes(noise).begin(), AsBytes(noise).end());
  VolumeState state = Value(StateOf(std::move(bytes)));
  EXPECT_EQ(state.sessions.size(), 2u);
  EXPECT_TRUE(state.torn);
  EXPECT_EQ(state.valid_end_unit * limits::kUnitBytes, length);
}

TEST(VolumeState, AppendsBehindATornSession) {
  VolumeBuilder volume;
  Check(volume.Add(Tree(1)).status());
  uint64_t whole = volume.device().bytes().size();
  Check(volume.Add(Tree(2)).status());
  // START is whole, the block of data behind it is not.
  volume.device().Cut(whole + 2 * limits::kUnitBytes + 100);
  AppendPoint point = Value(AppendPointOf(Value(ReadVolumeState(volume.device()))));
  EXPECT_EQ(point.session_number, 3u);
  EXPECT_EQ(point.earlier.size(), 1u);
  EXPECT_EQ(point.gap_first_unit * limits::kUnitBytes, whole + limits::kUnitBytes);
  EXPECT_EQ(point.gap_units, 2u);
  Check(volume.Add(Tree(3)).status());
  VolumeState state = Value(ReadVolumeState(volume.device()));
  ASSERT_EQ(state.sessions.size(), 2u);
  EXPECT_EQ(state.sessions[0].session_number, 1u);
  EXPECT_EQ(state.sessions[1].session_number, 3u);
  EXPECT_FALSE(state.torn);
  StartRecord start = Value(ReadStart(volume.device(), state.label, state.sessions[1]));
  EXPECT_EQ(start.gap_first_unit, point.gap_first_unit);
  EXPECT_EQ(start.gap_units, 2u);
}

// A copy of a volume inside a volume, also of itself, neither misleads the search for the end nor
// that for the label.
TEST(VolumeState, AVolumeInsideAVolumeIsNotMistaken) {
  const VolumeBuilder& inner = VolumeOf(2);
  std::vector<std::byte> copy = BytesOf(inner.device());
  std::string inside(AsText(copy));
  for (std::byte uuid_change : {std::byte{0}, std::byte{1}}) {
    Label label = FixedLabel();
    label.volume_uuid[0] ^= uuid_change;
    VolumeBuilder volume(label);
    volume.options().zstd_level = 0;
    Check(volume.Add({File("copy.tapir", inside)}).status());
    VolumeState whole = Value(ReadVolumeState(volume.device()));
    EXPECT_EQ(whole.sessions.size(), 1u);
    // Cut behind the copy, so that its last block is the last in the file.
    uint64_t end = volume.label_bytes() + limits::kUnitBytes * 2 + inside.size();
    VolumeState torn = Value(StateOf(Cut(volume, end)));
    EXPECT_EQ(torn.sessions.size(), 0u);
    EXPECT_TRUE(torn.torn);
    EXPECT_EQ(torn.label.volume_uuid, label.volume_uuid);
  }
}

TEST(VolumeState, NamesForeignMediaAndRefusesNewerOnes) {
  auto of_text = [](std::string_view text, size_t size) {
    std::vector<std::byte> bytes(AsBytes(text).begin(), AsBytes(text).end());
    bytes.resize(size);
    return StateOf(std::move(bytes));
  };
  EXPECT_THAT(of_text("", 0), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(of_text("", 100'000), HasCode(StatusCode::kForeign));
  EXPECT_THAT(of_text("PK\x03\x04", 100'000), HasCode(StatusCode::kForeign));
  Result<VolumeState> tar = of_text(std::string(257, 'x') + "ustar", 10'240);
  EXPECT_THAT(tar, HasCode(StatusCode::kForeign));
  EXPECT_NE(tar.status().message().find("tar"), std::string::npos);
}

}  // namespace
}  // namespace tapir::test
