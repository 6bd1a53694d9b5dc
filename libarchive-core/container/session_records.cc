#include "container/session_records.h"

#include <algorithm>
#include <cstring>

#include "container/item.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

constexpr uint32_t kLabelFlagFullBlocks = 1;
constexpr uint8_t kDigestsSha256 = 1;

template <size_t N>
std::array<std::byte, N> ReadArray(ReadCursor& in) {
  std::array<std::byte, N> value{};
  ByteSpan bytes = in.ReadBytes(N);
  if (bytes.size() == N) std::memcpy(value.data(), bytes.data(), N);
  return value;
}

// Nanoseconds out of range fail the cursor, so that every time read is a valid one.
uint32_t ReadNanoseconds(ReadCursor& in) {
  uint32_t nanoseconds = in.U32();
  if (nanoseconds >= kNanosecondsPerSecond) in.Fail();
  return nanoseconds;
}

BlockPlace ReadPlace(ReadCursor& in) {
  BlockPlace place;
  place.object = in.U64();
  place.unit = in.U64();
  return place;
}

void WritePlace(WriteCursor& to, const BlockPlace& place) {
  to.U64(place.object);
  to.U64(place.unit);
}

template <typename Enum>
Enum ReadEnum(ReadCursor& in, Enum last) {
  uint8_t value = in.U8();
  if (value < 1 || value > static_cast<uint8_t>(last)) in.Fail();
  return static_cast<Enum>(value);
}

void AppendText(std::string& out, ItemType type, std::string_view text) {
  if (!text.empty()) AppendItem(out, type, AsBytes(text));
}

void AppendSessionEntry(std::string& out, const SessionEntry& entry) {
  size_t begin = BeginItem(out, ItemType::kSessionEntry);
  WriteCursor to(out);
  to.Bytes(entry.session_id);
  to.U32(entry.session_number);
  to.U8(static_cast<uint8_t>(entry.kind));
  to.U8(static_cast<uint8_t>(entry.status));
  to.Zeros(2);
  to.I64(entry.start.seconds);
  to.I64(entry.end.seconds);
  to.U32(entry.start.nanoseconds);
  to.U32(entry.end.nanoseconds);
  WritePlace(to, entry.start_place);
  WritePlace(to, entry.end_place);
  to.U64(entry.object_count);
  to.U64(entry.content_bytes);
  to.U64(entry.read_features);
  to.Bytes(entry.end_digest);
  EndItem(out, begin);
}

Result<SessionEntry> DecodeSessionEntry(ByteSpan payload) {
  ReadCursor in(payload);
  SessionEntry entry;
  entry.session_id = ReadArray<8>(in);
  entry.session_number = in.U32();
  entry.kind = ReadEnum(in, SessionKind::kIncremental);
  entry.status = ReadEnum(in, SessionStatus::kContinued);
  in.Zeros(2);
  entry.start.seconds = in.I64();
  entry.end.seconds = in.I64();
  entry.start.nanoseconds = ReadNanoseconds(in);
  entry.end.nanoseconds = ReadNanoseconds(in);
  entry.start_place = ReadPlace(in);
  entry.end_place = ReadPlace(in);
  entry.object_count = in.U64();
  entry.content_bytes = in.U64();
  entry.read_features = in.U64();
  entry.end_digest = ReadArray<16>(in);
  if (!in.ok()) return Corrupt("SESSION_ENTRY is malformed");
  return entry;
}

std::string EncodeLabelPayload(const Label& label) {
  std::string out;
  WriteCursor to(out);
  to.Bytes(label.volume_uuid);
  to.Bytes(label.set_uuid);
  to.I64(label.created.seconds);
  to.U32(label.created.nanoseconds);
  to.U32(label.volume_sequence);
  to.U32(label.max_block_bytes);
  to.U32(label.full_blocks ? kLabelFlagFullBlocks : 0);
  to.Zeros(8);
  AppendText(out, ItemType::kLabelName, label.name);
  AppendText(out, ItemType::kWriter, label.writer);
  return out;
}

bool IsBlockSize(uint32_t bytes) {
  return bytes >= limits::kMinMaxBlockBytes && bytes <= limits::kMaxBlockBytes &&
         (bytes & (bytes - 1)) == 0;
}

// Hands each attribute behind a fixed part to `take`, which returns true if it knew it.
template <typename Take>
Status ReadAttributes(ByteSpan bytes, Take take) {
  ItemReader items(bytes);
  std::vector<uint16_t> seen;  // of the few that are known and occur once
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<Item> item, items.Next());
    if (!item) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(bool known, take(*item));
    bool may_repeat = item->is(ItemType::kSessionEntry) || item->is(ItemType::kVolumeDependency);
    if (known && !may_repeat) {
      if (std::find(seen.begin(), seen.end(), item->type) != seen.end()) {
        return Corrupt("attribute " + std::string(ItemTypeName(item->type)) + " occurs twice");
      }
      seen.push_back(item->type);
    }
    if (!known && item->required()) {
      return Unsupported("attribute " + std::to_string(item->type) + " is not known");
    }
  }
}

Result<Label> DecodeLabelPayload(ByteSpan payload) {
  ReadCursor in(payload);
  Label label;
  label.volume_uuid = ReadArray<16>(in);
  label.set_uuid = ReadArray<16>(in);
  label.created.seconds = in.I64();
  label.created.nanoseconds = ReadNanoseconds(in);
  label.volume_sequence = in.U32();
  label.max_block_bytes = in.U32();
  uint32_t flags = in.U32();
  in.Zeros(8);
  bool fits = in.ok() && (flags & ~kLabelFlagFullBlocks) == 0 && IsBlockSize(label.max_block_bytes);
  if (!fits) return Corrupt("LABEL is malformed");
  label.full_blocks = (flags & kLabelFlagFullBlocks) != 0;
  TAPIR_RETURN_IF_ERROR(ReadAttributes(in.ReadRest(), [&](const Item& item) -> Result<bool> {
    if (item.is(ItemType::kLabelName)) {
      label.name = AsText(item.payload);
    } else if (item.is(ItemType::kWriter)) {
      label.writer = AsText(item.payload);
    } else {
      return false;
    }
    return true;
  }));
  return label;
}

// The one record of a chunk: its payload, if it is of the wanted type.
Result<ByteSpan> SingleRecord(ByteSpan raw, ItemType type) {
  ItemReader items(raw);
  TAPIR_ASSIGN_OR_RETURN(std::optional<Item> item, items.Next());
  if (!item || !item->is(type)) {
    return Corrupt("the chunk does not hold a " +
                   std::string(ItemTypeName(static_cast<uint16_t>(type))) + " record");
  }
  return item->payload;
}

void AppendContinues(std::string& out, const EarlierPart& part) {
  size_t begin = BeginItem(out, ItemType::kContinues);
  WriteCursor to(out);
  to.Bytes(part.volume_uuid);
  to.U32(part.volume_sequence);
  to.Zeros(4);
  to.Bytes(part.session_id);
  to.Bytes(part.end_digest);
  EndItem(out, begin);
}

Result<EarlierPart> DecodeContinues(ByteSpan payload) {
  ReadCursor in(payload);
  EarlierPart part;
  part.volume_uuid = ReadArray<16>(in);
  part.volume_sequence = in.U32();
  in.Zeros(4);
  part.session_id = ReadArray<8>(in);
  part.end_digest = ReadArray<16>(in);
  if (!in.ok()) return Corrupt("CONTINUES is malformed");
  return part;
}

void AppendSetMember(std::string& out, const SetMember& member) {
  size_t begin = BeginItem(out, ItemType::kVolumeDependency);
  WriteCursor to(out);
  to.Bytes(member.volume_uuid);
  to.U32(member.volume_sequence);
  to.Zeros(4);
  EndItem(out, begin);
}

Status TakeSetMember(const Item& item, std::vector<SetMember>& members) {
  if (members.size() >= limits::kMaxVolumes) return LimitExceeded("too many volumes in the set");
  ReadCursor in(item.payload);
  SetMember member;
  member.volume_uuid = ReadArray<16>(in);
  member.volume_sequence = in.U32();
  in.Zeros(4);
  if (!in.ok()) return Corrupt("VOLUME_DEPENDENCY is malformed");
  members.push_back(member);
  return OkStatus();
}

Status TakeSessionEntry(const Item& item, std::vector<SessionEntry>& entries) {
  if (entries.size() >= limits::kMaxSessions) return LimitExceeded("too many sessions");
  TAPIR_ASSIGN_OR_RETURN(SessionEntry entry, DecodeSessionEntry(item.payload));
  entries.push_back(entry);
  return OkStatus();
}

}  // namespace

std::string EncodeLabel(const Label& label) {
  std::string out;
  AppendItem(out, ItemType::kLabel, AsBytes(EncodeLabelPayload(label)));
  return out;
}

Result<Label> DecodeLabel(ByteSpan raw) {
  TAPIR_ASSIGN_OR_RETURN(ByteSpan payload, SingleRecord(raw, ItemType::kLabel));
  return DecodeLabelPayload(payload);
}

std::string EncodeStart(const StartRecord& start) {
  std::string out;
  size_t begin = BeginItem(out, ItemType::kStart);
  WriteCursor to(out);
  to.Bytes(start.session_id);
  to.U32(start.session_number);
  to.U8(static_cast<uint8_t>(start.kind));
  to.U8(start.with_sha256 ? kDigestsSha256 : 0);
  to.Zeros(2);
  to.Bytes(start.base_id);
  to.I64(start.start.seconds);
  to.U32(start.start.nanoseconds);
  to.U32(start.volume_sequence);
  to.U64(start.read_features);
  to.U64(start.append_features);
  to.U64(start.compatible_features);
  WritePlace(to, start.previous_end);
  to.Bytes(start.previous_end_digest);
  to.U64(start.gap_first_unit);
  to.U64(start.gap_units);
  AppendText(out, ItemType::kWriter, start.writer);
  AppendText(out, ItemType::kOptions, start.options);
  if (start.continues) AppendContinues(out, *start.continues);
  for (const SessionEntry& entry : start.earlier) AppendSessionEntry(out, entry);
  EndItem(out, begin);
  return out;
}

Result<StartRecord> DecodeStart(ByteSpan raw) {
  TAPIR_ASSIGN_OR_RETURN(ByteSpan payload, SingleRecord(raw, ItemType::kStart));
  ReadCursor in(payload);
  StartRecord start;
  start.session_id = ReadArray<8>(in);
  start.session_number = in.U32();
  start.kind = ReadEnum(in, SessionKind::kIncremental);
  start.with_sha256 = (in.U8() & kDigestsSha256) != 0;
  in.Zeros(2);
  start.base_id = ReadArray<8>(in);
  start.start.seconds = in.I64();
  start.start.nanoseconds = ReadNanoseconds(in);
  start.volume_sequence = in.U32();
  start.read_features = in.U64();
  start.append_features = in.U64();
  start.compatible_features = in.U64();
  start.previous_end = ReadPlace(in);
  start.previous_end_digest = ReadArray<16>(in);
  start.gap_first_unit = in.U64();
  start.gap_units = in.U64();
  if (!in.ok()) return Corrupt("START is malformed");
  TAPIR_RETURN_IF_ERROR(ReadAttributes(in.ReadRest(), [&](const Item& item) -> Result<bool> {
    if (item.is(ItemType::kWriter)) {
      start.writer = AsText(item.payload);
    } else if (item.is(ItemType::kOptions)) {
      start.options = AsText(item.payload);
    } else if (item.is(ItemType::kContinues)) {
      TAPIR_ASSIGN_OR_RETURN(start.continues, DecodeContinues(item.payload));
    } else if (item.is(ItemType::kSessionEntry)) {
      Status taken = TakeSessionEntry(item, start.earlier);
      if (!taken.ok()) return taken;
    } else {
      return false;
    }
    return true;
  }));
  return start;
}

std::string EncodeEnd(const EndRecord& end) {
  std::string out;
  size_t begin = BeginItem(out, ItemType::kEnd);
  WriteCursor to(out);
  to.Bytes(end.session_id);
  to.U32(end.session_number);
  to.U8(static_cast<uint8_t>(end.status));
  to.Zeros(3);
  to.I64(end.end.seconds);
  to.U32(end.end.nanoseconds);
  to.U32(end.volume_sequence);
  to.U64(end.object_count);
  to.U64(end.content_bytes);
  to.U64(end.stored_bytes);
  WritePlace(to, end.start_place);
  WritePlace(to, end.index_place);
  WritePlace(to, end.root.block);
  to.U32(end.root.offset_bytes);
  to.U32(end.root_level);
  to.Bytes(end.root_digest);
  to.U64(end.read_features);
  to.U64(end.append_features);
  to.U64(end.compatible_features);
  to.Bytes(end.previous_end_digest);
  to.U64(end.chunk_count);
  to.U64(end.flawed_count);
  to.Zeros(8);
  if (end.label) AppendItem(out, ItemType::kLabelCopy, AsBytes(EncodeLabelPayload(*end.label)));
  AppendText(out, ItemType::kWriter, end.writer);
  for (const SessionEntry& entry : end.earlier) AppendSessionEntry(out, entry);
  for (const SetMember& member : end.set_members) AppendSetMember(out, member);
  EndItem(out, begin);
  return out;
}

Result<EndRecord> DecodeEnd(ByteSpan raw) {
  TAPIR_ASSIGN_OR_RETURN(ByteSpan payload, SingleRecord(raw, ItemType::kEnd));
  ReadCursor in(payload);
  EndRecord end;
  end.session_id = ReadArray<8>(in);
  end.session_number = in.U32();
  end.status = ReadEnum(in, SessionStatus::kContinued);
  in.Zeros(3);
  end.end.seconds = in.I64();
  end.end.nanoseconds = ReadNanoseconds(in);
  end.volume_sequence = in.U32();
  end.object_count = in.U64();
  end.content_bytes = in.U64();
  end.stored_bytes = in.U64();
  end.start_place = ReadPlace(in);
  end.index_place = ReadPlace(in);
  end.root.block = ReadPlace(in);
  end.root.offset_bytes = in.U32();
  end.root_level = in.U32();
  end.root_digest = ReadArray<16>(in);
  end.read_features = in.U64();
  end.append_features = in.U64();
  end.compatible_features = in.U64();
  end.previous_end_digest = ReadArray<16>(in);
  end.chunk_count = in.U64();
  end.flawed_count = in.U64();
  in.Zeros(8);
  if (!in.ok() || end.root_level > limits::kMaxIndexLevels) return Corrupt("END is malformed");
  TAPIR_RETURN_IF_ERROR(ReadAttributes(in.ReadRest(), [&](const Item& item) -> Result<bool> {
    if (item.is(ItemType::kLabelCopy)) {
      Result<Label> label = DecodeLabelPayload(item.payload);
      if (!label.ok()) return std::move(label).status();
      end.label = *std::move(label);
    } else if (item.is(ItemType::kWriter)) {
      end.writer = AsText(item.payload);
    } else if (item.is(ItemType::kSessionEntry)) {
      Status taken = TakeSessionEntry(item, end.earlier);
      if (!taken.ok()) return taken;
    } else if (item.is(ItemType::kVolumeDependency)) {
      Status taken = TakeSetMember(item, end.set_members);
      if (!taken.ok()) return taken;
    } else {
      return false;
    }
    return true;
  }));
  return end;
}

}  // namespace tapir
