#include "jobs/volume_shelf.h"

#include <algorithm>
#include <utility>

namespace tapir {

Result<OpenedVolume*> VolumeShelf::VolumeOf(const SessionPlace& place) {
  OpenedVolume& given = given_[place.volume];
  const bool was_given = place.elsewhere == 0;
  if (was_given && given.device != nullptr) return &given;
  const Label& label = given.state->label;
  const uint32_t sequence = was_given ? label.volume_sequence : place.elsewhere;
  if (asked_.device != nullptr && asked_sequence_ == sequence) return &asked_;
  if (sequence == refused_sequence_) return NotAtHand(sequence);
  CloseAll();
  // What was given may still be where it was.
  if (was_given && Take(given.name, place, sequence).ok()) return &asked_;
  VolumeWanted wanted{.sequence = sequence,
                      .set_label = label.name,
                      .set_uuid = FormatUuid(label.set_uuid),
                      .refused = {},
                      .to_read = true};
  while (ask_) {
    Result<std::string> name = ask_(wanted);
    if (!name.ok()) break;
    Status taken = Take(*name, place, sequence);
    if (taken.ok()) return &asked_;
    wanted.refused = std::move(taken).Annotate(*name).message();
  }
  refused_sequence_ = sequence;
  Status missing = NotAtHand(sequence);
  if (reporter_ != nullptr) reporter_->Report(NoticeKind::kWarning, {}, missing.message());
  return missing;
}

Status VolumeShelf::NotAtHand(uint32_t sequence) {
  return NotFound("volume " + std::to_string(sequence) +
                  " of the set is not at hand: what it holds is left out");
}

// A drive holds one volume at a time, and lets go of it only when nobody has it open.
void VolumeShelf::CloseAll() {
  asked_.device.reset();
  for (OpenedVolume& volume : given_) volume.device.reset();
}

Status VolumeShelf::Take(const std::string& name, const SessionPlace& place, uint32_t sequence) {
  TAPIR_ASSIGN_OR_RETURN(asked_, Open(name, place, sequence));
  asked_sequence_ = sequence;
  return OkStatus();
}

Result<OpenedVolume> VolumeShelf::Open(const std::string& name, const SessionPlace& place,
                                       uint32_t sequence) {
  TAPIR_ASSIGN_OR_RETURN(OpenedVolume opened, OpenVolumeToRead(name));
  if (!opened.state) return InvalidArgument("a stream is no volume of a set");
  const std::string set_uuid = FormatUuid(given_.front().state->label.set_uuid);
  TAPIR_RETURN_IF_ERROR(CheckIsOfSet(opened.state->label, set_uuid, sequence));
  const std::vector<SessionEntry>& sessions = opened.state->sessions;
  const bool has_session =
      std::any_of(sessions.begin(), sessions.end(),
                  [&](const SessionEntry& entry) { return entry.session_id == place.id; });
  // A part without END is not in the directory.
  const bool ended = place.ended && !AllZero(place.ended->end_digest);
  if (ended && !has_session) return InvalidArgument("the session that is wanted is not on it");
  return opened;
}

}  // namespace tapir
