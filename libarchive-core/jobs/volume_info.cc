#include "tapir/jobs/volume_info.h"

#include <utility>

#include "jobs/collected_volume.h"
#include "jobs/open_volume.h"
#include "jobs/session_choice.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

VolumeInfo InfoOf(std::string_view volume, const VolumeState& state) {
  VolumeInfo info = MakeVolumeInfo(std::string(volume), state.label);
  info.label_damaged = state.label_damaged;
  info.read_features = state.read_features();
  info.append_features = state.append_features();
  if (state.last_end) {
    for (const SetMember& member : state.last_end->record.set_members) {
      info.earlier_volumes.push_back({member.volume_sequence, FormatUuid(member.volume_uuid)});
    }
  }
  return info;
}

// Its END cannot be read: what is known stands in its START and its block headers.
SessionInfo InfoOfLostEnd(const SessionPlace& place, const StartRecord* start) {
  SessionEntry entry;
  entry.session_id = place.id;
  entry.session_number = place.number;
  entry.start_place = place.begin;
  if (start != nullptr) entry.kind = start->kind;
  if (start != nullptr) entry.start = start->start;
  SessionInfo info = MakeSessionInfo(entry, start);
  info.status = "unknown";
  info.end_digest.clear();
  info.end_readable = false;
  return info;
}

Status AddLostEnds(OpenedVolume& opened, VolumeInfo& info) {
  const VolumeState& state = *opened.state;
  TAPIR_ASSIGN_OR_RETURN(std::vector<SessionPlace> trailing,
                         FindTrailingSessions(*opened.device, state));
  for (const SessionPlace& place : trailing) {
    if (!place.end_lost) continue;
    SessionEntry where;
    where.session_id = place.id;
    where.start_place = place.begin;
    Result<StartRecord> start = ReadStart(*opened.device, state.label, where);
    info.sessions.push_back(InfoOfLostEnd(place, start.ok() ? &*start : nullptr));
  }
  return OkStatus();
}

Result<VolumeInfo> ReadLocated(std::string_view volume, OpenedVolume& opened) {
  BlockDevice& device = *opened.device;
  const VolumeState& state = *opened.state;
  VolumeInfo info = InfoOf(volume, state);
  const int64_t length = device.LengthBytes();
  info.volume_bytes =
      length >= 0 ? static_cast<uint64_t>(length) : state.append_unit * limits::kUnitBytes;
  info.being_written_by = opened.being_written_by;
  info.torn = opened.torn();
  for (const SessionEntry& entry : state.sessions) {
    Result<FoundEnd> end = ReadEnd(device, state.label, entry);
    const bool at_hand = end.ok() && end->record.start;
    Result<StartRecord> start =
        at_hand ? *end->record.start : ReadStart(device, state.label, entry);
    SessionInfo session = MakeSessionInfo(entry, start.ok() ? &*start : nullptr);
    session.end_readable = end.ok();
    info.sessions.push_back(std::move(session));
  }
  if (state.lost_end) TAPIR_RETURN_IF_ERROR(AddLostEnds(opened, info));
  if (info.torn) {
    TAPIR_ASSIGN_OR_RETURN(info.torn_first_unit, FindTornUnit(device, state));
  }
  return info;
}

Result<VolumeInfo> ReadStream(std::string_view volume, BlockDevice& device) {
  TAPIR_ASSIGN_OR_RETURN(CollectedVolume collected, CollectVolume(device, false));
  const VolumeState& state = collected.state;
  VolumeInfo info = InfoOf(volume, state);
  info.volume_bytes = device.position().offset_bytes;
  info.torn = state.torn;
  if (info.torn) info.torn_first_unit = collected.torn_unit;
  for (const SessionEntry& entry : state.sessions) {
    auto start = collected.starts.find(entry.session_id);
    SessionInfo session =
        MakeSessionInfo(entry, start == collected.starts.end() ? nullptr : &start->second);
    session.end_readable = collected.readable_ends.contains(entry.session_id) || !session.supported;
    info.sessions.push_back(std::move(session));
  }
  for (const SessionPlace& place : collected.trailing) {
    auto start = collected.starts.find(place.id);
    if (!place.end_lost) continue;
    info.sessions.push_back(
        InfoOfLostEnd(place, start == collected.starts.end() ? nullptr : &start->second));
  }
  return info;
}

}  // namespace

Result<VolumeInfo> ReadVolumeInfo(std::string_view volume) {
  TAPIR_ASSIGN_OR_RETURN(OpenedVolume opened, OpenVolumeToRead(std::string(volume)));
  Result<VolumeInfo> info =
      opened.state ? ReadLocated(volume, opened) : ReadStream(volume, *opened.device);
  if (!info.ok()) return std::move(info).status().Annotate(volume);
  return info;
}

}  // namespace tapir
