#include "jobs/open_volume.h"

#include <utility>

namespace tapir {
namespace {

const char* KindName(SessionKind kind) {
  switch (kind) {
    case SessionKind::kFull: return "full";
    case SessionKind::kAdditive: return "additive";
    case SessionKind::kIncremental: return "incremental";
  }
  return "unknown";
}

const char* StatusName(SessionStatus status) {
  switch (status) {
    case SessionStatus::kComplete: return "complete";
    case SessionStatus::kInterrupted: return "interrupted";
    case SessionStatus::kContinued: return "continued";
  }
  return "unknown";
}

}  // namespace

Result<OpenedVolume> OpenVolumeToRead(const std::string& volume) {
  OpenedVolume opened;
  opened.name = volume;
  TAPIR_ASSIGN_OR_RETURN(opened.device, OpenDevice(volume, OpenMode::kRead));
  if (!opened.device->traits().can_locate) return opened;
  if (std::optional<LockHolder> writer = WriterAtWork(*opened.device)) {
    opened.being_written_by = writer->ToString();
  }
  Result<VolumeState> state = ReadVolumeState(*opened.device);
  if (!state.ok()) return std::move(state).status().Annotate(volume);
  opened.state = *std::move(state);
  return opened;
}

bool IsSupported(const SessionEntry& entry) {
  return (entry.read_features & ~kKnownReadFeatures) == 0;
}

SessionInfo MakeSessionInfo(const SessionEntry& entry, const StartRecord* start) {
  SessionInfo info;
  info.number = entry.session_number;
  info.id = FormatSessionId(entry.session_id);
  info.kind = KindName(entry.kind);
  info.status = StatusName(entry.status);
  info.start = entry.start;
  info.end = entry.end;
  info.object_count = entry.object_count;
  info.content_bytes = entry.content_bytes;
  info.first_unit = entry.start_place.unit;
  info.end_digest = ToHex(entry.end_digest);
  info.supported = IsSupported(entry);
  info.has_policy = entry.has_policy;
  if (start != nullptr) {
    info.digests = start->with_sha256 ? "xxh128 sha256" : "xxh128";
    info.options = start->options;
    info.writer = start->writer;
    if (start->continues) info.begins_on = FormatUuid(start->continues->volume_uuid);
  }
  return info;
}

VolumeInfo MakeVolumeInfo(const std::string& volume, const Label& label) {
  VolumeInfo info;
  info.volume = volume;
  info.uuid = FormatUuid(label.volume_uuid);
  info.set_uuid = FormatUuid(label.set_uuid);
  info.label = label.name;
  info.volume_sequence = label.volume_sequence;
  info.created = label.created;
  info.writer = label.writer;
  info.max_block_bytes = label.max_block_bytes;
  info.full_blocks = label.full_blocks;
  return info;
}

}  // namespace tapir
