#include "jobs/volume_set.h"

#include <algorithm>
#include <utility>

namespace tapir {
namespace {

// START of the first session of a volume; the copy in its END, if that is at hand.
Result<StartRecord> FirstStart(const OpenedVolume& volume) {
  const VolumeState& state = *volume.state;
  const SessionEntry& first = state.sessions.front();
  const bool at_hand = state.last_end && state.last_end->record.start &&
                       state.last_end->record.session_id == first.session_id;
  if (at_hand) return *state.last_end->record.start;
  return ReadStart(*volume.device, state.label, first);
}

// What the first session of a volume says of the volume before, if that can be read.
std::optional<EarlierPart> PartBefore(const OpenedVolume& volume) {
  if (volume.state->sessions.empty()) return std::nullopt;
  const Result<StartRecord> start = FirstStart(volume);
  return start.ok() ? start->continues : std::nullopt;
}

// Whether a session is there that goes on with this one. What cannot be read says nothing against
// it.
bool HasNextPart(const OpenedVolume& volume, const SessionId& id) {
  const VolumeState& state = *volume.state;
  if (volume.goes_on_without_end || state.lost_end) return true;
  if (state.sessions.empty()) return false;
  const Result<StartRecord> start = FirstStart(volume);
  return !start.ok() || (start->continues && start->continues->session_id == id);
}

Status CheckJoin(OpenedVolume& before, OpenedVolume& volume) {
  if (!before.state || !volume.state) {
    return InvalidArgument("a stream is no volume of a set that is read together");
  }
  const Label& first = before.state->label;
  const Label& second = volume.state->label;
  TAPIR_RETURN_IF_ERROR(
      CheckIsOfSet(second, FormatUuid(first.set_uuid), first.volume_sequence + 1));
  std::optional<EarlierPart> part = PartBefore(volume);
  if (!part) return OkStatus();
  if (part->volume_uuid != first.volume_uuid) {
    return InvalidArgument("its session does not go on from the volume before");
  }
  before.goes_on_without_end = AllZero(part->end_digest);
  return OkStatus();
}

}  // namespace

Status CheckIsOfSet(const Label& label, const std::string& set_uuid, uint32_t sequence) {
  if (FormatUuid(label.set_uuid) != set_uuid) {
    return InvalidArgument("it belongs to another set, " + FormatUuid(label.set_uuid));
  }
  if (label.volume_sequence != sequence) {
    return InvalidArgument("it is volume " + std::to_string(label.volume_sequence) +
                           " of the set, and volume " + std::to_string(sequence) +
                           " is wanted here");
  }
  return OkStatus();
}

Result<OpenedSet> OpenSetToRead(const std::string& volume, const std::vector<std::string>& next) {
  OpenedSet set;
  TAPIR_ASSIGN_OR_RETURN(OpenedVolume first, OpenVolumeToRead(volume));
  set.push_back(std::move(first));
  for (const std::string& name : next) {
    TAPIR_ASSIGN_OR_RETURN(OpenedVolume opened, OpenVolumeToRead(name));
    Status follows = CheckJoin(set.back(), opened);
    if (!follows.ok()) return std::move(follows).Annotate(name);
    set.push_back(std::move(opened));
  }
  return set;
}

std::string MissingVolumes(OpenedSet& volumes, const std::vector<SessionPlace>& sessions) {
  const Label& first = volumes.front().state->label;
  const Label& last = volumes.back().state->label;
  std::string missing;
  std::string unfinished;
  for (const SessionPlace& place : sessions) {
    std::string name = "session " + std::to_string(place.number);
    const std::vector<SessionEntry>& on_first = volumes.front().state->sessions;
    bool is_first = place.volume == 0 && place.elsewhere == 0 && !on_first.empty() &&
                    place.id == on_first.front().session_id;
    std::optional<EarlierPart> before;
    if (is_first && first.volume_sequence > 1) before = PartBefore(volumes.front());
    const bool listed =
        before && std::any_of(sessions.begin(), sessions.end(), [&](const auto& other) {
          return other.elsewhere != 0 && other.id == before->session_id;
        });
    if (before && !listed) {
      missing +=
          name + " begins on volume " + std::to_string(before->volume_sequence) + " of the set, ";
    }
    if (place.elsewhere != 0 || !place.ended) continue;
    if (place.ended->status != SessionStatus::kContinued) continue;
    if (place.volume + 1 == volumes.size()) {
      missing +=
          name + " goes on on volume " + std::to_string(last.volume_sequence + 1) + " of the set, ";
      continue;
    }
    const OpenedVolume& next = volumes[place.volume + 1];
    if (HasNextPart(next, place.id)) continue;
    unfinished += name + " was never finished: its end is not on volume " +
                  std::to_string(next.state->label.volume_sequence) + " of the set";
  }
  if (!missing.empty()) missing += "which was not given (--next)";
  if (!missing.empty() && !unfinished.empty()) missing += "; ";
  return missing + unfinished;
}

}  // namespace tapir
