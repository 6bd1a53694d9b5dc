#include "jobs/collected_volume.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "jobs/entry_making.h"
#include "object/forward_reader.h"

namespace tapir {
namespace {

class Collector : public VolumeSink {
 public:
  Collector(CollectedVolume& volume, bool with_entries)
      : volume_(volume), with_entries_(with_entries) {}

  Status VolumeLabel(const Label& label) override {
    volume_.state.label = label;
    has_label_ = true;
    return OkStatus();
  }
  Status SessionBegin(const ForwardSession& session) override {
    entries_.clear();
    if (session.start) volume_.starts.emplace(session.id, *session.start);
    return OkStatus();
  }
  Status SessionEnd(const ForwardSession& session) override;
  void SessionUnsupported(uint32_t number) override {
    SessionEntry entry;
    entry.session_number = number;
    entry.read_features = ~kKnownReadFeatures;
    ended_.push_back(entry);
  }

  Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) override {
    if (with_entries_) entries_.push_back(EntryOfRecord(record, chunk));
    return OkStatus();
  }
  Status End(const AssembledObject& object, Proof /*proof*/) override {
    if (with_entries_) entries_.push_back(EntryOfObject(object));
    return OkStatus();
  }
  Status Marker(const ParsedRecord& record, const DecodedChunk& chunk) override {
    return Whole(record, chunk);
  }
  void Damaged(const Damage& damage) override {
    if (damage.kind != DamageKind::kUnsupported) volume_.damages.push_back(damage);
  }
  Status Begin(const AssembledObject&) override { return OkStatus(); }
  Status Refer(const AssembledObject&, const Reference&) override { return OkStatus(); }
  Status Data(const AssembledObject&, uint32_t, uint64_t, ByteSpan) override { return OkStatus(); }
  void Abandon(const AssembledObject&) override {}
  void Lost(uint64_t, uint64_t) override {}
  Status ChunkDone(const DecodedChunk&) override { return OkStatus(); }

  /// Completes the state after the last block.
  void Finish(const ForwardReader& reader);

 private:
  void NameEnded();

  CollectedVolume& volume_;
  bool with_entries_;
  bool has_label_ = false;
  std::vector<Entry> entries_;
  std::vector<SessionEntry> ended_;  ///< as their own records tell
  std::vector<SessionPlace> unended_;
};

Status Collector::SessionEnd(const ForwardSession& session) {
  volume_.state.last_session_number = session.number;
  if (with_entries_) volume_.entries[session.id] = std::move(entries_);
  if (!session.end) {
    unended_.push_back({std::nullopt, session.begin_place, session.number, session.id});
    return OkStatus();
  }
  volume_.readable_ends.insert(session.id);
  FoundEnd end{*session.end, session.end_digest, session.end_place.block};
  StartRecord start;
  start.read_features = end.record.read_features;
  if (session.start) {
    start = *session.start;
  } else if (end.record.start) {
    start = *end.record.start;
    volume_.starts.emplace(session.id, start);
  }
  ended_.push_back(EntryOf(end, start));
  volume_.state.last_end = std::move(end);
  return OkStatus();
}

// Sessions that a later one names have ended, whether their own end could be read or not.
void Collector::NameEnded() {
  std::vector<SessionEntry>& sessions = volume_.state.sessions;
  if (volume_.state.last_end) sessions = volume_.state.last_end->record.earlier;
  for (const auto& [id, start] : volume_.starts) {
    if (start.earlier.size() > sessions.size()) sessions = start.earlier;
  }
  for (const SessionEntry& entry : ended_) {
    bool named = std::any_of(sessions.begin(), sessions.end(), [&](const SessionEntry& other) {
      return other.session_number == entry.session_number;
    });
    if (!named) sessions.push_back(entry);
  }
  std::sort(sessions.begin(), sessions.end(), [](const SessionEntry& a, const SessionEntry& b) {
    return a.session_number < b.session_number;
  });
}

void Collector::Finish(const ForwardReader& reader) {
  NameEnded();
  VolumeState& state = volume_.state;
  state.torn = reader.torn();
  state.label_damaged = !has_label_;
  if (!has_label_ && state.last_end && state.last_end->record.label) {
    state.label = *state.last_end->record.label;
  } else if (!has_label_ && reader.volume_uuid()) {
    state.label.volume_uuid = *reader.volume_uuid();
  }
  uint32_t last_ended = state.sessions.empty() ? 0 : state.sessions.back().session_number;
  for (const SessionPlace& place : unended_) {
    if (place.number > last_ended) volume_.trailing.push_back(place);
  }
  std::vector<SessionPlace>& trailing = volume_.trailing;
  volume_.torn_unit = trailing.empty() ? reader.end_unit() : trailing.front().begin.unit;
  if (state.torn || trailing.empty()) return;
  trailing.back().end_lost = true;
  state.lost_end = trailing.back().id;
}

}  // namespace

Result<CollectedVolume> CollectVolume(BlockDevice& device, bool with_entries) {
  CollectedVolume volume;
  Collector collector(volume, with_entries);
  ForwardReader::Options options;
  options.decode.headers_only = !with_entries;
  options.decode.parse.check_digests = false;
  options.assemble.complete = options.assemble.check_digests = false;
  ForwardReader reader(device, options, collector);
  TAPIR_RETURN_IF_ERROR(reader.Run());
  collector.Finish(reader);
  return volume;
}

Result<EntryView> ViewCollected(CollectedVolume& volume, const Selection& selection) {
  TAPIR_ASSIGN_OR_RETURN(
      ChosenSessions chosen,
      ChooseSessions(PlacesOf(volume.state.sessions, volume.trailing), selection));
  std::vector<std::unique_ptr<EntryStream>> streams;
  for (const SessionPlace& place : chosen.places) {
    streams.push_back(std::make_unique<EntryList>(std::move(volume.entries[place.id])));
  }
  return EntryView(selection, std::move(chosen), std::move(streams));
}

}  // namespace tapir
