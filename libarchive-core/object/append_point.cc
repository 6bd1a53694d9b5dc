#include "object/append_point.h"

#include "container/chunk_header.h"
#include "tapir/base/limits.h"
#include "tapir/base/version.h"

namespace tapir {

std::string WriterName() { return std::string("tapir ") + std::string(kVersion); }

BlockWriter::Options BlockOptions(const AppendPoint& point, const SessionId& session_id) {
  BlockWriter::Options options;
  options.volume_uuid = point.label.volume_uuid;
  options.volume_sequence = point.label.volume_sequence;
  options.max_block_bytes = point.label.max_block_bytes;
  options.full_blocks = point.label.full_blocks;
  options.session_id = session_id;
  options.session_number = point.session_number;
  options.last_end = point.last_end;
  options.next_block_number = point.next_block_number;
  options.next_unit = point.next_unit;
  options.marks_before = point.marks_before;
  return options;
}

Result<AppendPoint> AppendPointOf(const VolumeState& state) {
  if ((state.append_features() & ~kKnownAppendFeatures) != 0) {
    return Unsupported("the volume has features of a newer format; nothing can be appended to it");
  }
  if (state.lost_end) {
    // A directory without it would disown a session that had ended.
    return Corrupt(
        "the last session ended, but its END cannot be read: nothing is appended to a "
        "damaged volume; 'tapir restore' and 'tapir salvage' still get its files");
  }
  if (state.last_end && state.last_end->record.status == SessionStatus::kContinued) {
    return InvalidArgument("its last session goes on on volume " +
                           std::to_string(state.label.volume_sequence + 1) +
                           " of the set: sessions are added to the last volume of a set");
  }
  if (state.sessions.size() >= limits::kMaxSessions) return LimitExceeded("too many sessions");
  AppendPoint point;
  point.label = state.label;
  point.earlier = state.sessions;
  if (!state.sessions.empty()) {
    point.last_end = state.sessions.back().end_place;
    point.last_end_digest = state.sessions.back().end_digest;
  }
  if (state.last_end) {
    point.set_members = state.last_end->record.set_members;
    point.read_features = state.last_end->record.read_features;
    point.append_features = state.last_end->record.append_features;
    point.compatible_features = state.last_end->record.compatible_features;
  }
  point.session_number = state.last_session_number + 1;
  point.next_block_number = state.next_block_number;
  point.next_unit = state.append_unit;
  point.marks_before = state.marks_before;
  if (state.append_unit > state.valid_end_unit) {
    point.gap_first_unit = state.valid_end_unit;
    point.gap_units = state.append_unit - state.valid_end_unit;
  }
  return point;
}

Result<AppendPoint> WriteLabel(BlockDevice& device, const Label& label) {
  AppendPoint point;
  point.label = label;
  point.label.writer = WriterName();
  BlockWriter::Options options = BlockOptions(point, {});
  options.session_number = 0;
  BlockWriter blocks(device, options);
  std::string raw = EncodeLabel(point.label);
  TAPIR_RETURN_IF_ERROR(blocks
                            .Append(BlockType::kLabel,
                                    StoredChunkHeader(ChunkKind::kLabel, AsBytes(raw)),
                                    AsBytes(raw))
                            .status());
  TAPIR_RETURN_IF_ERROR(blocks.WriteFilemark(true));
  TAPIR_RETURN_IF_ERROR(blocks.Sync());
  bool marked = device.traits().has_filemarks;
  point.marks_before = marked ? 1 : 0;
  point.next_block_number = 1;
  point.next_unit = blocks.next_place().unit;
  return point;
}

}  // namespace tapir
