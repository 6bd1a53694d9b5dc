#include "container/session_records.h"

#include <algorithm>

#include "container/item.h"
#include "container/session_attributes.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

constexpr uint32_t kLabelFlagFullBlocks = 1;
constexpr uint8_t kDigestsSha256 = 1;

void AppendText(std::string& out, ItemType type, std::string_view text) {
  if (!text.empty()) AppendItem(out, type, AsBytes(text));
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
    bool may_repeat = item->is(ItemType::kSessionEntry) || item->is(ItemType::kVolumeDependency) ||
                      item->is(ItemType::kIndexCopy);
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

std::string EncodeStartPayload(const StartRecord& start) {
  std::string out;
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
  return out;
}

Result<StartRecord> DecodeStartPayload(ByteSpan payload) {
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
  AppendItem(out, ItemType::kStart, AsBytes(EncodeStartPayload(start)));
  return out;
}

Result<StartRecord> DecodeStart(ByteSpan raw) {
  TAPIR_ASSIGN_OR_RETURN(ByteSpan payload, SingleRecord(raw, ItemType::kStart));
  return DecodeStartPayload(payload);
}

std::string EncodeEnd(const EndRecord& end) {
  std::string out;
  size_t begin = BeginItem(out, ItemType::kEnd);
  WriteCursor to(out);
  to.Bytes(end.session_id);
  to.U32(end.session_number);
  to.U8(static_cast<uint8_t>(end.status));
  to.U8(end.has_policy ? kSessionFlagPolicy : 0);
  to.Zeros(2);
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
  if (end.start) AppendItem(out, ItemType::kStartCopy, AsBytes(EncodeStartPayload(*end.start)));
  AppendText(out, ItemType::kWriter, end.writer);
  for (const SessionEntry& entry : end.earlier) AppendSessionEntry(out, entry);
  for (const SetMember& member : end.set_members) AppendSetMember(out, member);
  for (const IndexCopy& copy : end.index_copies) AppendIndexCopy(out, copy);
  AppendLeftOut(out, end.left_out);
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
  end.has_policy = ReadSessionFlags(in);
  in.Zeros(2);
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
    } else if (item.is(ItemType::kStartCopy)) {
      Result<StartRecord> start = DecodeStartPayload(item.payload);
      if (!start.ok()) return std::move(start).status();
      end.start = *std::move(start);
    } else if (item.is(ItemType::kWriter)) {
      end.writer = AsText(item.payload);
    } else if (item.is(ItemType::kSessionEntry)) {
      Status taken = TakeSessionEntry(item, end.earlier);
      if (!taken.ok()) return taken;
    } else if (item.is(ItemType::kVolumeDependency)) {
      Status taken = TakeSetMember(item, end.set_members);
      if (!taken.ok()) return taken;
    } else if (item.is(ItemType::kIndexCopy)) {
      Status taken = TakeIndexCopy(item, end.index_copies);
      if (!taken.ok()) return taken;
    } else if (item.is(ItemType::kLeftOut)) {
      TAPIR_ASSIGN_OR_RETURN(end.left_out, DecodeLeftOut(item.payload));
    } else {
      return false;
    }
    return true;
  }));
  return end;
}

}  // namespace tapir
