#include "jobs/volume_set.h"

#include <utility>

namespace tapir {
namespace {

// What the first session of a volume says of the volume before, if that can be read.
std::optional<EarlierPart> PartBefore(OpenedVolume& volume) {
  const VolumeState& state = *volume.state;
  if (state.sessions.empty()) return std::nullopt;
  Result<StartRecord> start = ReadStart(*volume.device, state.label, state.sessions.front());
  return start.ok() ? start->continues : std::nullopt;
}

// Whether a session is there that goes on with this one. What cannot be read says nothing against
// it.
bool HasNextPart(const OpenedVolume& volume, const SessionId& id) {
  const VolumeState& state = *volume.state;
  if (volume.goes_on_without_end || state.lost_end) return true;
  if (state.sessions.empty()) return false;
  Result<StartRecord> start = ReadStart(*volume.device, state.label, state.sessions.front());
  return !start.ok() || (start->continues && start->continues->session_id == id);
}

Status CheckFollows(OpenedVolume& before, OpenedVolume& volume) {
  if (!before.state || !volume.state) {
    return InvalidArgument("a stream is no volume of a set that is read together");
  }
  const Label& first = before.state->label;
  const Label& second = volume.state->label;
  if (first.set_uuid != second.set_uuid) {
    return InvalidArgument("it belongs to another set, " + FormatUuid(second.set_uuid));
  }
  if (second.volume_sequence != first.volume_sequence + 1) {
    return InvalidArgument("it is volume " + std::to_string(second.volume_sequence) +
                           " of the set, and volume " + std::to_string(first.volume_sequence + 1) +
                           " is wanted here");
  }
  std::optional<EarlierPart> part = PartBefore(volume);
  if (!part) return OkStatus();
  if (part->volume_uuid != first.volume_uuid) {
    return InvalidArgument("its session does not go on from the volume before");
  }
  before.goes_on_without_end = AllZero(part->end_digest);
  return OkStatus();
}

}  // namespace

Result<OpenedSet> OpenSetToRead(const std::string& volume, const std::vector<std::string>& next) {
  OpenedSet set;
  TAPIR_ASSIGN_OR_RETURN(OpenedVolume first, OpenVolumeToRead(volume));
  set.push_back(std::move(first));
  for (const std::string& name : next) {
    TAPIR_ASSIGN_OR_RETURN(OpenedVolume opened, OpenVolumeToRead(name));
    Status follows = CheckFollows(set.back(), opened);
    if (!follows.ok()) return std::move(follows).Annotate(name);
    set.push_back(std::move(opened));
  }
  return set;
}

Status CheckEnds(OpenedSet& volumes) {
  for (size_t i = 1; i < volumes.size(); ++i) {
    std::optional<EarlierPart> part = PartBefore(volumes[i]);
    const std::optional<FoundEnd>& end = volumes[i - 1].state->last_end;
    bool joined = !part || AllZero(part->end_digest) || (end && end->digest == part->end_digest);
    if (!joined) {
      return Corrupt("volume " + std::to_string(volumes[i].state->label.volume_sequence) +
                     " does not go on from the end that the volume before has");
    }
  }
  return OkStatus();
}

std::string MissingVolumes(OpenedSet& volumes, const std::vector<SessionPlace>& sessions) {
  const Label& first = volumes.front().state->label;
  const Label& last = volumes.back().state->label;
  std::string missing;
  std::string unfinished;
  for (const SessionPlace& place : sessions) {
    std::string name = "session " + std::to_string(place.number);
    const std::vector<SessionEntry>& on_first = volumes.front().state->sessions;
    bool is_first =
        place.volume == 0 && !on_first.empty() && place.id == on_first.front().session_id;
    std::optional<EarlierPart> before;
    if (is_first && first.volume_sequence > 1) before = PartBefore(volumes.front());
    if (before) {
      missing +=
          name + " begins on volume " + std::to_string(before->volume_sequence) + " of the set, ";
    }
    if (!place.ended || place.ended->status != SessionStatus::kContinued) continue;
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
