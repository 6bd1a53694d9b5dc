#include "container/volume.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "container/end_note.h"
#include "container/foreign.h"
#include "container/tail_finder.h"
#include "container/tape_tail.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

// How far a volume's first valid block is looked for when its label cannot be read.
constexpr uint64_t kLabelSearchBytes = 64u << 20;

Result<RawChunk> NextOfKind(ChunkReader& chunks, ChunkKind kind, const SessionId* session) {
  Decompressor decompressor;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks.Next());
    if (event.kind == ChunkEvent::Kind::kEnd) return Corrupt("the volume ends before it");
    if (event.kind != ChunkEvent::Kind::kChunk) continue;
    bool expected =
        event.chunk.header.is(kind) && (session == nullptr || event.chunk.session_id == *session);
    if (!expected) return Corrupt("something else stands there");
    Result<RawChunk> raw = ExpandChunk(event.chunk, decompressor);
    if (raw.ok()) return raw;
  }
}

Result<FoundEnd> ReadEndFrom(BlockDevice& device, const Label& label, const BlockPlace& place,
                             const SessionId* session) {
  ChunkReader chunks(device, ReaderOptions(label));
  TAPIR_RETURN_IF_ERROR(chunks.Seek(place));
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, NextOfKind(chunks, ChunkKind::kEnd, session));
  FoundEnd end;
  TAPIR_ASSIGN_OR_RETURN(end.record, DecodeEnd(raw.bytes));
  end.digest = ComputeDigest128(raw.bytes);
  end.place = place;
  end.end_unit = chunks.end_unit();
  return end;
}

Result<Label> ReadLabelBlock(BlockDevice& device) {
  ChunkReader chunks(device, {});
  TAPIR_RETURN_IF_ERROR(chunks.Seek(BlockPlace{}));
  TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks.Next());
  // A wrong body checksum does not spoil the label's own.
  while (event.kind == ChunkEvent::Kind::kDamage) {
    TAPIR_ASSIGN_OR_RETURN(event, chunks.Next());
  }
  bool label_here = event.kind == ChunkEvent::Kind::kChunk &&
                    event.chunk.header.is(ChunkKind::kLabel) && event.chunk.locator.block.unit == 0;
  if (!label_here) return Corrupt("the label cannot be read");
  Decompressor decompressor;
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, ExpandChunk(event.chunk, decompressor));
  TAPIR_ASSIGN_OR_RETURN(Label label, DecodeLabel(raw.bytes));
  if (label.volume_uuid != *chunks.volume_uuid()) return Corrupt("label and block disagree");
  return label;
}

// A stand-in for a label that is gone: the first valid block tells which volume this is.
Result<Label> LabelFromBlocks(BlockDevice& device) {
  BlockReader::Options options;
  options.max_skip_bytes = kLabelSearchBytes;
  BlockReader blocks(device, options);
  TAPIR_RETURN_IF_ERROR(blocks.Seek({}));
  for (uint64_t passed = 0; passed < kLabelSearchBytes;) {
    TAPIR_ASSIGN_OR_RETURN(BlockEvent event, blocks.Next());
    if (event.kind == BlockEvent::Kind::kEnd) break;
    if (event.kind == BlockEvent::Kind::kBlock) {
      Label label;
      label.volume_uuid = event.block->header.volume_uuid;
      label.volume_sequence = event.block->header.volume_sequence;
      label.max_block_bytes = limits::kMaxBlockBytes;
      return label;
    }
    passed += event.skipped.bytes;
  }
  return Foreign("no block of a volume found");
}

Result<std::vector<std::byte>> ReadFirstBytes(BlockDevice& device) {
  // On tape only a whole block can be read.
  bool on_tape = device.traits().keeps_block_boundaries;
  const size_t room = on_tape ? device.traits().max_block_bytes : 64u << 10;
  // Not cleared: the block is small mostly, and clearing its room takes longer than reading it.
  const auto first = std::make_unique_for_overwrite<std::byte[]>(room);
  TAPIR_RETURN_IF_ERROR(device.Locate({}));
  TAPIR_ASSIGN_OR_RETURN(ReadOutcome read, device.Read({first.get(), room}));
  if (read.kind == ReadKind::kFilemark) return Foreign("it begins with a filemark");
  return std::vector<std::byte>(first.get(), first.get() + read.size);
}

Status TakeStandIn(Label stand_in, VolumeState& state) {
  state.label = std::move(stand_in);
  state.label_damaged = true;
  return OkStatus();
}

Status FindLabel(BlockDevice& device, VolumeState& state) {
  Result<std::vector<std::byte>> first = ReadFirstBytes(device);
  if (!first.ok()) {
    // A bad place at the beginning loses the label, not the volume.
    if (first.status().code() == StatusCode::kForeign) return first.status();
    Result<Label> stand_in = LabelFromBlocks(device);
    return stand_in.ok() ? TakeStandIn(*stand_in, state) : first.status();
  }
  if (first->empty()) return NotFound("it is empty: no volume label");
  Result<BlockHeader> header = DecodeBlockHeader(*first);
  if (!header.ok() && header.status().code() == StatusCode::kUnsupported) return header.status();
  // Nothing is searched for a label: a large file of another kind is refused at once.
  Result<Label> label = header.ok() ? ReadLabelBlock(device) : std::move(header).status();
  if (label.ok()) {
    state.label = *label;
    return OkStatus();
  }
  std::string found = IdentifyForeign(*first);
  bool named = found != "unknown data" && found != "zeros";
  Result<Label> stand_in = named ? Foreign(found) : LabelFromBlocks(device);
  if (!stand_in.ok()) return Foreign("it holds " + found + ", not a Tapir volume");
  return TakeStandIn(*stand_in, state);
}

void TakeEnd(FoundEnd end, VolumeState& state) {
  const std::optional<Label>& copy = end.record.label;
  bool usable = copy && copy->volume_uuid == state.label.volume_uuid;
  if (state.label_damaged && usable) state.label = *copy;
  state.sessions = end.record.earlier;
  state.last_end = std::move(end);
}

// Completes the directory with the last session itself, whose facts stand in its END, or in part
// only in its START.
Status AddLastSession(BlockDevice& device, VolumeState& state) {
  const FoundEnd& end = *state.last_end;
  if (end.record.start) {
    state.sessions.push_back(EntryOf(end, *end.record.start));
    return OkStatus();
  }
  SessionEntry where;
  where.session_id = end.record.session_id;
  where.start_place = end.record.start_place;
  Result<StartRecord> start = ReadStart(device, state.label, where);
  StartRecord known;
  known.session_id = end.record.session_id;
  known.read_features = end.record.read_features;
  state.sessions.push_back(EntryOf(end, start.ok() ? *start : known));
  return OkStatus();
}

// Goes through the whole volume for starts and ends: for when blocks near the end do not lead
// there.
Status ScanForEnds(BlockDevice& device, VolumeState& state) {
  BlockReader::Options options = ReaderOptions(state.label);
  options.check_bodies = false;
  ChunkReader chunks(device, options);
  TAPIR_RETURN_IF_ERROR(chunks.Seek(BlockPlace{}));
  Decompressor decompressor;
  std::vector<SessionEntry> named;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks.Next());
    if (event.kind == ChunkEvent::Kind::kEnd) break;
    if (event.kind != ChunkEvent::Kind::kChunk) continue;
    const ChunkHeader& header = event.chunk.header;
    if (!header.is(ChunkKind::kStart) && !header.is(ChunkKind::kEnd)) continue;
    Result<RawChunk> raw = ExpandChunk(event.chunk, decompressor);
    if (!raw.ok()) continue;
    if (header.is(ChunkKind::kStart)) {
      Result<StartRecord> start = DecodeStart(raw->bytes);
      if (start.ok() && start->earlier.size() > named.size()) named = start->earlier;
      continue;
    }
    Result<EndRecord> record = DecodeEnd(raw->bytes);
    bool first_copy =
        record.ok() && (!state.last_end || state.last_end->record.session_id != record->session_id);
    if (!first_copy) continue;
    TakeEnd({*record, ComputeDigest128(raw->bytes), event.chunk.locator.block}, state);
  }
  state.scanned = true;
  if (state.last_end) TAPIR_RETURN_IF_ERROR(AddLastSession(device, state));
  if (named.size() > state.sessions.size()) state.sessions = std::move(named);
  return OkStatus();
}

// The blocks of a second copy name the first: if no session known has its END there, it was this
// session's own, and only its copies are damaged.
void TakeLostEnd(const TailBlock& tail, VolumeState& state) {
  if (tail.header.type != static_cast<uint8_t>(BlockType::kEnd)) return;
  for (const SessionEntry& entry : state.sessions) {
    if (entry.end_place == tail.header.last_end) return;
  }
  state.lost_end = tail.header.session_id;
  state.torn = false;
}

Status FindLastEnd(BlockDevice& device, const TailBlock& tail, VolumeState& state) {
  const BlockPlace& last_end = tail.header.last_end;
  if (tail.end_place) {
    Result<FoundEnd> end =
        ReadEndFrom(device, state.label, *tail.end_place, &tail.header.session_id);
    if (end.ok()) {
      // The blocks of a second copy name the first copy as the last end, those of a first copy the
      // end of the session before.
      const std::vector<SessionEntry>& earlier = end->record.earlier;
      BlockPlace previous = earlier.empty() ? BlockPlace{} : earlier.back().end_place;
      if (last_end != previous) end->place = last_end;
      TakeEnd(*std::move(end), state);
      return AddLastSession(device, state);
    }
  }
  state.torn = true;
  if (last_end == BlockPlace{}) return OkStatus();
  Result<FoundEnd> end = ReadEndFrom(device, state.label, last_end, nullptr);
  if (!end.ok()) {
    TAPIR_RETURN_IF_ERROR(ScanForEnds(device, state));
    TakeLostEnd(tail, state);
    return OkStatus();
  }
  state.torn = end->record.session_id != tail.header.session_id;
  TakeEnd(*std::move(end), state);
  return AddLastSession(device, state);
}

// The end by the note beside the medium, if there is one that holds.
bool TakeNotedEnd(BlockDevice& device, VolumeState& state) {
  std::optional<EndNote> note = DecodeEndNote(device.FindNote());
  if (!note || note->volume_uuid != state.label.volume_uuid) return false;
  Result<FoundEnd> end = ReadEndFrom(device, state.label, note->end_place, &note->session_id);
  if (!end.ok()) return false;
  // The second copy is as long as the first.
  state.valid_end_unit = 2 * end->end_unit - end->place.unit;
  state.append_unit = state.valid_end_unit;
  state.last_session_number = end->record.session_number;
  TakeEnd(*std::move(end), state);
  return true;
}

Result<TailBlock> FindTailInFile(BlockDevice& device, VolumeState& state) {
  int64_t length = std::max<int64_t>(device.LengthBytes(), 0);
  state.append_unit =
      RoundUp(static_cast<uint64_t>(length), limits::kUnitBytes) / limits::kUnitBytes;
  return FindTailBlock(device, state.label);
}

Result<TailBlock> FindTailOnTape(BlockDevice& device, VolumeState& state) {
  TAPIR_ASSIGN_OR_RETURN(TapeTail tail, FindTapeTail(device, state.label));
  state.marks_before = tail.marks_before;
  state.append_object = tail.end_object;
  return tail.block;
}

}  // namespace

BlockReader::Options ReaderOptions(const Label& label) {
  BlockReader::Options options;
  options.volume_uuid = label.volume_uuid;
  options.max_block_bytes = label.max_block_bytes;
  return options;
}

SessionEntry EntryOf(const FoundEnd& end, const StartRecord& start) {
  SessionEntry entry;
  entry.session_id = end.record.session_id;
  entry.session_number = end.record.session_number;
  entry.kind = start.kind;
  entry.status = end.record.status;
  entry.has_policy = end.record.has_policy;
  entry.start = start.start;
  entry.end = end.record.end;
  entry.start_place = end.record.start_place;
  entry.end_place = end.place;
  entry.object_count = end.record.object_count;
  entry.content_bytes = end.record.content_bytes;
  entry.read_features = start.read_features;
  entry.end_digest = end.digest;
  return entry;
}

Result<FoundEnd> ReadEnd(BlockDevice& device, const Label& label, const SessionEntry& entry) {
  TAPIR_ASSIGN_OR_RETURN(FoundEnd end,
                         ReadEndFrom(device, label, entry.end_place, &entry.session_id));
  if (end.digest != entry.end_digest) {
    return Corrupt("the END of session " + std::to_string(entry.session_number) +
                   " is not the one its successor names");
  }
  return end;
}

Result<StartRecord> ReadStart(BlockDevice& device, const Label& label, const SessionEntry& entry) {
  ChunkReader chunks(device, ReaderOptions(label));
  TAPIR_RETURN_IF_ERROR(chunks.Seek(entry.start_place));
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, NextOfKind(chunks, ChunkKind::kStart, &entry.session_id));
  return DecodeStart(raw.bytes);
}

Result<VolumeState> ReadVolumeState(BlockDevice& device, bool for_append) {
  VolumeState state;
  TAPIR_RETURN_IF_ERROR(FindLabel(device, state));
  if (!for_append && TakeNotedEnd(device, state)) {
    TAPIR_RETURN_IF_ERROR(AddLastSession(device, state));
    return state;
  }
  TAPIR_ASSIGN_OR_RETURN(TailBlock tail, device.traits().keeps_block_boundaries
                                             ? FindTailOnTape(device, state)
                                             : FindTailInFile(device, state));
  state.valid_end_unit = tail.header.end_unit();
  state.next_block_number = tail.highest_block_number + 1;
  state.last_session_number = tail.highest_session_number;
  if (tail.header.type != static_cast<uint8_t>(BlockType::kLabel)) {
    TAPIR_RETURN_IF_ERROR(FindLastEnd(device, tail, state));
  }
  if (device.traits().keeps_block_boundaries) state.append_unit = state.valid_end_unit;
  state.torn = state.torn || state.valid_end_unit != state.append_unit;
  return state;
}

}  // namespace tapir
