#include "jobs/volume_set.h"

#include <utility>

namespace tapir {
namespace {

// What the first session of a volume says of the volume before.
Result<std::optional<EarlierPart>> PartBefore(OpenedVolume& volume) {
  const VolumeState& state = *volume.state;
  if (state.sessions.empty()) return std::optional<EarlierPart>();
  TAPIR_ASSIGN_OR_RETURN(StartRecord start,
                         ReadStart(*volume.device, state.label, state.sessions.front()));
  return start.continues;
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
  TAPIR_ASSIGN_OR_RETURN(std::optional<EarlierPart> part, PartBefore(volume));
  if (!part) return OkStatus();
  bool same_end = AllZero(part->end_digest) ||
                  (before.state->last_end && before.state->last_end->digest == part->end_digest);
  if (part->volume_uuid != first.volume_uuid || !same_end) {
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

}  // namespace tapir
