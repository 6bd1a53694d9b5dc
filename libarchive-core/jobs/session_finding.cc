#include "jobs/session_finding.h"

#include <algorithm>
#include <utility>

#include "object/index_copies.h"

namespace tapir {
namespace {

Status AddSessionsOf(OpenedVolume& volume, size_t number, const Selection& selection,
                     std::vector<SessionPlace>& places) {
  const VolumeState& state = *volume.state;
  const bool goes_on = volume.goes_on_without_end;
  std::vector<SessionPlace> trailing;
  if ((selection.include_torn && state.torn) || state.lost_end || goes_on) {
    TAPIR_ASSIGN_OR_RETURN(trailing, FindTrailingSessions(*volume.device, state));
  }
  if (goes_on && !trailing.empty()) trailing.back().goes_on = true;
  for (SessionPlace& place : PlacesOf(state.sessions, trailing)) {
    place.volume = number;
    places.push_back(std::move(place));
  }
  return OkStatus();
}

// Sessions on volumes before the first one given.
Result<std::vector<SessionPlace>> SessionsElsewhere(OpenedSet& volumes) {
  std::vector<SessionPlace> places;
  const uint32_t first_given = volumes.front().state->label.volume_sequence;
  OpenedVolume& last = volumes.back();
  TAPIR_ASSIGN_OR_RETURN(std::vector<IndexCopy> copies,
                         CopiesOfEarlierVolumes(*last.device, DirectoryOf(*last.state)));
  for (const IndexCopy& copy : copies) {
    if (copy.volume_sequence >= first_given) continue;
    SessionPlace place = PlaceOf(copy.session);
    place.volume = volumes.size() - 1;
    place.elsewhere = copy.volume_sequence;
    places.push_back(std::move(place));
  }
  return places;
}

// Reads the indexes of all sessions chosen on one volume, and of those elsewhere if it names them.
Status ReadIndexes(OpenedSet& volumes, size_t number, std::vector<SessionPlace>& places) {
  OpenedVolume& volume = volumes[number];
  WantedIndexes wanted;
  for (const SessionPlace& place : places) {
    if (place.volume != number || !place.ended) continue;
    if (place.elsewhere != 0) {
      wanted.of_earlier_volumes = true;
    } else if (volume.device->traits().keeps_block_boundaries) {
      wanted.sessions.insert(place.id);
    }
  }
  if (wanted.sessions.empty() && !wanted.of_earlier_volumes) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<GatheredIndex> gathered,
      GatherIndexes(*volume.device, DirectoryOf(*volume.state), std::move(wanted)));
  for (GatheredIndex& one : gathered) {
    auto place = std::find_if(places.begin(), places.end(), [&](const SessionPlace& candidate) {
      return candidate.id == one.index.session.session_id;
    });
    if (place == places.end()) continue;
    place->index = std::make_shared<const GatheredIndex>(std::move(one));
  }
  return OkStatus();
}

}  // namespace

Result<ChosenSessions> FindSessions(OpenedSet& volumes, const Selection& selection,
                                    OtherVolumes others, std::vector<Damage>& damages) {
  std::vector<SessionPlace> all;
  if (others == OtherVolumes::kListed) {
    TAPIR_ASSIGN_OR_RETURN(all, SessionsElsewhere(volumes));
  }
  for (size_t i = 0; i < volumes.size(); ++i) {
    TAPIR_RETURN_IF_ERROR(AddSessionsOf(volumes[i], i, selection, all));
  }
  TAPIR_ASSIGN_OR_RETURN(ChosenSessions chosen, ChooseSessions(all, selection));
  for (size_t i = 0; i < volumes.size(); ++i) {
    TAPIR_RETURN_IF_ERROR(ReadIndexes(volumes, i, chosen.places));
  }
  std::erase_if(chosen.places, [&](const SessionPlace& place) {
    const bool lost = place.elsewhere != 0 && place.index == nullptr;
    if (lost) {
      damages.push_back({DamageKind::kIndex,
                         0,
                         0,
                         0,
                         place.number,
                         "the copy of the index of its part on volume " +
                             std::to_string(place.elsewhere) + " of the set cannot be read",
                         {}});
    }
    return lost;
  });
  return chosen;
}

}  // namespace tapir
