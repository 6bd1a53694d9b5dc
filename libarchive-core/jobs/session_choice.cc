#include "jobs/session_choice.h"

#include <string>

#include "jobs/open_volume.h"

namespace tapir {
namespace {

// Stands at the last session end, or at the label, and looks at headers only.
Result<BlockReader> OpenBehindEnd(BlockDevice& device, const VolumeState& state) {
  BlockReader::Options options = ReaderOptions(state.label);
  options.check_bodies = false;
  BlockReader blocks(device, options);
  TAPIR_RETURN_IF_ERROR(blocks.Seek(state.last_end ? state.last_end->place : BlockPlace{}));
  return blocks;
}

uint32_t LastEndedNumber(const VolumeState& state) {
  return state.last_end ? state.last_end->record.session_number : 0;
}

}  // namespace

SessionPlace PlaceOf(const SessionEntry& entry) {
  return {entry, entry.start_place, entry.session_number, entry.session_id};
}

std::vector<SessionPlace> PlacesOf(const std::vector<SessionEntry>& ended,
                                   const std::vector<SessionPlace>& others) {
  std::vector<SessionPlace> places;
  for (const SessionEntry& entry : ended) places.push_back(PlaceOf(entry));
  places.insert(places.end(), others.begin(), others.end());
  return places;
}

Result<ChosenSessions> ChooseSessions(const std::vector<SessionPlace>& all,
                                      const Selection& selection) {
  ChosenSessions chosen;
  uint32_t last_number = 0;
  for (const SessionPlace& place : all) {
    bool too_new = selection.at && (!place.ended || place.ended->end > *selection.at);
    bool is_meant =
        selection.sessions != SessionChoice::kNumber || place.number == selection.session_number;
    bool wanted = selection.include_torn || !place.torn();
    if (too_new || !is_meant || !wanted) continue;
    bool full = place.ended && place.ended->kind == SessionKind::kFull;
    bool alone = selection.sessions == SessionChoice::kLast ||
                 (selection.sessions == SessionChoice::kNewest && full);
    if (alone && place.number != last_number) chosen = {};
    last_number = place.number;
    if (!place.ended || IsSupported(*place.ended)) {
      chosen.places.push_back(place);
    } else {
      ++chosen.unsupported;
    }
  }
  bool missing = selection.sessions == SessionChoice::kNumber && chosen.places.empty() &&
                 chosen.unsupported == 0;
  if (missing) {
    return NotFound("the volume has no session " + std::to_string(selection.session_number));
  }
  return chosen;
}

Result<std::vector<SessionPlace>> FindTrailingSessions(BlockDevice& device,
                                                       const VolumeState& state) {
  std::vector<SessionPlace> trailing;
  TAPIR_ASSIGN_OR_RETURN(BlockReader blocks, OpenBehindEnd(device, state));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(BlockEvent event, blocks.Next());
    if (event.kind == BlockEvent::Kind::kEnd) return trailing;
    if (event.kind != BlockEvent::Kind::kBlock) continue;
    const BlockHeader& header = event.block->header;
    bool is_new = header.session_number > LastEndedNumber(state) &&
                  (trailing.empty() || trailing.back().id != header.session_id);
    if (is_new) {
      trailing.push_back({std::nullopt, header.place(), header.session_number, header.session_id,
                          state.lost_end == header.session_id});
    }
  }
}

Result<uint64_t> FindTornUnit(BlockDevice& device, const VolumeState& state) {
  TAPIR_ASSIGN_OR_RETURN(BlockReader blocks, OpenBehindEnd(device, state));
  uint64_t end_unit = 0;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(BlockEvent event, blocks.Next());
    if (event.kind == BlockEvent::Kind::kEnd) return end_unit;
    if (event.kind != BlockEvent::Kind::kBlock) continue;
    const BlockHeader& header = event.block->header;
    if (header.session_number > LastEndedNumber(state)) return header.unit_number;
    end_unit = header.end_unit();
  }
}

}  // namespace tapir
