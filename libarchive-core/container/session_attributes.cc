#include "container/session_attributes.h"

#include "tapir/base/limits.h"

namespace tapir {
namespace {

void WriteSessionEntry(WriteCursor& to, const SessionEntry& entry) {
  to.Bytes(entry.session_id);
  to.U32(entry.session_number);
  to.U8(static_cast<uint8_t>(entry.kind));
  to.U8(static_cast<uint8_t>(entry.status));
  to.U8(entry.has_policy ? kSessionFlagPolicy : 0);
  to.Zeros(1);
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
}

SessionEntry ReadSessionEntry(ReadCursor& in) {
  SessionEntry entry;
  entry.session_id = ReadArray<8>(in);
  entry.session_number = in.U32();
  entry.kind = ReadEnum(in, SessionKind::kIncremental);
  entry.status = ReadEnum(in, SessionStatus::kContinued);
  entry.has_policy = ReadSessionFlags(in);
  in.Zeros(1);
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
  return entry;
}

}  // namespace

bool ReadSessionFlags(ReadCursor& in) {
  const uint8_t flags = in.U8();
  if ((flags & ~kSessionFlagPolicy) != 0) in.Fail();
  return flags != 0;
}

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

void AppendSessionEntry(std::string& out, const SessionEntry& entry) {
  size_t begin = BeginItem(out, ItemType::kSessionEntry);
  WriteCursor to(out);
  WriteSessionEntry(to, entry);
  EndItem(out, begin);
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
  ReadCursor in(item.payload);
  entries.push_back(ReadSessionEntry(in));
  return in.ok() ? OkStatus() : Corrupt("SESSION_ENTRY is malformed");
}

void AppendIndexCopy(std::string& out, const IndexCopy& copy) {
  size_t begin = BeginItem(out, ItemType::kIndexCopy);
  WriteCursor to(out);
  WriteSessionEntry(to, copy.session);
  WritePlace(to, copy.root.block);
  to.U32(copy.root.offset_bytes);
  to.U32(copy.root_level);
  to.Bytes(copy.root_digest);
  to.U32(copy.volume_sequence);
  to.Zeros(4);
  EndItem(out, begin);
}

Status TakeIndexCopy(const Item& item, std::vector<IndexCopy>& copies) {
  if (copies.size() >= limits::kMaxIndexCopies) return LimitExceeded("too many copies of indexes");
  ReadCursor in(item.payload);
  IndexCopy copy;
  copy.session = ReadSessionEntry(in);
  copy.root.block = ReadPlace(in);
  copy.root.offset_bytes = in.U32();
  copy.root_level = in.U32();
  copy.root_digest = ReadArray<16>(in);
  copy.volume_sequence = in.U32();
  in.Zeros(4);
  bool fits = in.ok() && copy.root_level <= limits::kMaxIndexLevels;
  if (!fits) return Corrupt("INDEX_COPY is malformed");
  copies.push_back(copy);
  return OkStatus();
}

void AppendLeftOut(std::string& out, const std::vector<LeftOutCount>& counts) {
  if (counts.empty()) return;
  size_t begin = BeginItem(out, ItemType::kLeftOut);
  WriteCursor to(out);
  for (const LeftOutCount& count : counts) {
    to.U32(count.rule);
    to.Zeros(4);
    to.U64(count.objects);
    to.U64(count.bytes);
  }
  EndItem(out, begin);
}

Result<std::vector<LeftOutCount>> DecodeLeftOut(ByteSpan payload) {
  ReadCursor in(payload);
  std::vector<LeftOutCount> counts;
  while (in.ok() && in.remaining() > 0) {
    LeftOutCount count;
    count.rule = in.U32();
    in.Zeros(4);
    count.objects = in.U64();
    count.bytes = in.U64();
    const bool ascending = counts.empty() || counts.back().rule < count.rule;
    if (!ascending || count.rule >= limits::kMaxPolicyRules) in.Fail();
    if (in.ok()) counts.push_back(count);
  }
  if (!in.ok()) return Corrupt("LEFT_OUT is malformed");
  return counts;
}

}  // namespace tapir
