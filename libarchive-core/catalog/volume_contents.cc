#include "catalog/volume_contents.h"

#include <algorithm>
#include <utility>

#include "jobs/open_volume.h"
#include "jobs/session_entries.h"
#include "jobs/session_manifest.h"
#include "object/index_copies.h"
#include "object/index_reader.h"
#include "tapir/base/limits.h"
#include "tapir/device/open_device.h"

namespace tapir::catalog {
namespace {

// The entries of an index, and nothing in its place.
class IndexEntries : public EntryStream {
 public:
  explicit IndexEntries(IndexReader reader) : reader_(std::move(reader)) {}
  Result<std::optional<Entry>> Next() override { return reader_.Next(); }
  Status SeekTo(const std::string& path) override { return reader_.SeekTo(path); }
  void Reposition() override { reader_.Reposition(); }

 private:
  IndexReader reader_;
};

Session MakeSession(const SessionInfo& info, const SessionPlace& place) {
  Session session;
  session.id = info.id;
  session.number = info.number;
  session.kind = info.kind;
  session.status = info.status;
  session.start = info.start;
  session.end = info.end;
  session.object_count = info.object_count;
  session.content_bytes = info.content_bytes;
  session.first_unit = info.first_unit;
  if (place.ended) session.end_unit = place.ended->end_place.unit;
  session.digests = info.digests;
  session.options = info.options;
  session.writer = info.writer;
  session.end_digest = info.end_digest;
  session.begins_on = info.begins_on;
  return session;
}

Session SessionOf(const SessionPlace& place) {
  if (place.ended) return MakeSession(MakeSessionInfo(*place.ended, nullptr), place);
  Session session;
  session.id = FormatSessionId(place.id);
  session.number = place.number;
  session.kind = "additive";
  session.status = "unknown";
  session.first_unit = place.begin.unit;
  return session;
}

std::optional<uint64_t> CapacityOf(BlockDevice& device) {
  TapeDrive* drive = TapeDriveOf(device);
  if (drive == nullptr) return std::nullopt;
  const Result<TapeMediaParameters> media = drive->GetTapeMediaParameters();
  if (!media.ok() || media->capacity_bytes < 0) return std::nullopt;
  return static_cast<uint64_t>(media->capacity_bytes);
}

Volume VolumeOf(OpenedVolume& opened) {
  const VolumeInfo info = MakeVolumeInfo(opened.name, opened.state->label);
  Volume volume;
  volume.uuid = info.uuid;
  volume.set_uuid = info.set_uuid;
  volume.label = info.label;
  volume.sequence = info.volume_sequence;
  volume.created = info.created;
  volume.writer = info.writer;
  volume.max_block_bytes = info.max_block_bytes;
  const int64_t length = opened.device->LengthBytes();
  volume.used_bytes =
      length >= 0 ? static_cast<uint64_t>(length) : opened.state->append_unit * limits::kUnitBytes;
  volume.capacity_bytes = CapacityOf(*opened.device);
  volume.address = opened.name;
  return volume;
}

}  // namespace

bool SessionContents::read_from_records() const { return damages->size() > damages_before; }

Damage SessionContents::IndexDamage(const Status& failure) const {
  return {DamageKind::kIndex,
          place.begin.object,
          place.begin.unit,
          0,
          session.number,
          "the index cannot be used: " + failure.message(),
          {}};
}

Damage SessionContents::EntryDamage(const Entry& entry) const {
  return {DamageKind::kRecord, entry.block_object,
          entry.block_unit,    0,
          session.number,      "left out: its path does not come behind the one before",
          entry.path};
}

Result<VolumeContents> VolumeContents::Open(const std::string& volume, bool from_records) {
  VolumeContents contents;
  TAPIR_ASSIGN_OR_RETURN(contents.set_, OpenSetToRead(volume, {}));
  if (!contents.set_.front().state) {
    return InvalidArgument("the end of a volume is read first; save " + volume + " to a file");
  }
  contents.from_records_ = from_records;
  contents.volume_ = VolumeOf(contents.set_.front());
  TAPIR_RETURN_IF_ERROR(contents.FindSessions());
  return contents;
}

Status VolumeContents::FindSessions() {
  OpenedVolume& opened = set_.front();
  const VolumeState& state = *opened.state;
  std::vector<SessionPlace> trailing;
  if (state.lost_end && from_records_) {
    TAPIR_ASSIGN_OR_RETURN(trailing, FindTrailingSessions(*opened.device, state));
    std::erase_if(trailing, [](const SessionPlace& place) { return !place.end_lost; });
  }
  for (SessionPlace& place : PlacesOf(state.sessions, trailing)) {
    if (place.ended && !IsSupported(*place.ended)) {
      ++unsupported_;
      continue;
    }
    sessions_.push_back(SessionOf(place));
    places_.push_back(std::move(place));
  }
  return OkStatus();
}

// On a tape all indexes that are wanted are read in one go.
Status VolumeContents::GatherWanted() {
  gathered_ = true;
  OpenedVolume& opened = set_.front();
  if (!opened.device->traits().keeps_block_boundaries) return OkStatus();
  WantedIndexes wanted;
  for (size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].ended && !left_out_.contains(sessions_[i].id)) {
      wanted.sessions.insert(places_[i].id);
    }
  }
  if (wanted.sessions.empty()) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<GatheredIndex> gathered,
      GatherIndexes(*opened.device, DirectoryOf(*opened.state), std::move(wanted)));
  for (GatheredIndex& one : gathered) {
    const auto place = std::ranges::find(places_, one.index.session.session_id, &SessionPlace::id);
    if (place != places_.end())
      place->index = std::make_shared<const GatheredIndex>(std::move(one));
  }
  return OkStatus();
}

// What END and START add.
Status VolumeContents::Complete(SessionContents& contents) {
  OpenedVolume& opened = set_.front();
  const SessionPlace& place = contents.place;
  if (!place.ended) return OkStatus();
  const Result<FoundEnd> end = ReadEnd(*opened.device, opened.state->label, *place.ended);
  if (!end.ok()) return EndsReading(end.status().code()) ? end.status() : OkStatus();
  const StartRecord* start = end->record.start ? &*end->record.start : nullptr;
  contents.session = MakeSession(MakeSessionInfo(*place.ended, start), place);
  contents.session.index_unit = end->record.index_place.unit;
  return OkStatus();
}

void VolumeContents::OpenEntries(SessionContents& contents, std::vector<Damage>& damages) {
  OpenedVolume& opened = set_.front();
  const SessionPlace& place = contents.place;
  const Label& label = opened.state->label;
  contents.damages = &damages;
  contents.damages_before = damages.size();
  if (from_records_) {
    contents.entries = std::make_unique<SessionEntries>(opened.device.get(), label, place, damages);
    return;
  }
  if (place.index) {
    const IndexCopy& index = place.index->index;
    contents.entries = std::make_unique<IndexEntries>(
        IndexReader(place.index->pages, index.root, index.root_digest, index.root_level));
    return;
  }
  const Result<FoundEnd> end = ReadEnd(*opened.device, label, *place.ended);
  contents.readable = end.ok();
  if (!end.ok()) {
    damages.push_back(contents.IndexDamage(end.status()));
    return;
  }
  contents.entries =
      std::make_unique<IndexEntries>(IndexReader(*opened.device, label, end->record));
}

Result<std::unique_ptr<SessionContents>> VolumeContents::Next(std::vector<Damage>& damages) {
  if (!gathered_) TAPIR_RETURN_IF_ERROR(GatherWanted());
  while (next_ < places_.size() && left_out_.contains(sessions_[next_].id)) ++next_;
  if (next_ == places_.size()) return std::unique_ptr<SessionContents>();
  auto contents = std::make_unique<SessionContents>();
  contents->session = sessions_[next_];
  contents->place = places_[next_];
  ++next_;
  TAPIR_RETURN_IF_ERROR(Complete(*contents));
  if (contents->place.ended && contents->place.ended->has_policy) {
    Result<std::optional<PolicyManifest>> policy = ReadManifest(set_.front(), contents->place);
    if (policy.ok()) {
      contents->policy = *std::move(policy);
    } else if (EndsReading(policy.status().code())) {
      return policy.status();
    } else {
      damages.push_back(ManifestDamage(contents->place, policy.status()));
    }
  }
  OpenEntries(*contents, damages);
  return contents;
}

}  // namespace tapir::catalog
