#include "jobs/indexed_restore.h"

#include <utility>

#include "jobs/restore_outcome.h"
#include "jobs/store_contents_plan.h"
#include "jobs/store_files.h"
#include "jobs/wanted_chunks.h"

namespace tapir {
namespace {

// The session's id and whether it has SHA-256 digests.
Result<ForwardSession> ReadHead(OpenedVolume& volume, const SessionPlace& place) {
  ForwardSession session;
  session.number = place.number;
  if (place.ended) {
    session.id = place.ended->session_id;
    Result<StartRecord> start = ReadStart(*volume.device, volume.state->label, *place.ended);
    if (start.ok()) session.start = *std::move(start);
    return session;
  }
  ChunkReader chunks(*volume.device, ReaderOptions(volume.state->label));
  TAPIR_RETURN_IF_ERROR(chunks.Seek(place.begin));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks.Next());
    if (event.kind == ChunkEvent::Kind::kEnd) return session;
    if (event.kind != ChunkEvent::Kind::kChunk || !event.chunk.header.is(ChunkKind::kStart)) {
      continue;
    }
    session.id = event.chunk.session_id;
    return session;
  }
}

}  // namespace

IndexedRestore::IndexedRestore(const RestoreRequest& request, OpenedSet& volumes,
                               ObjectTarget& target, SisHandling& sis, RestoreReport& report)
    : request_(request),
      volumes_(volumes),
      sis_(sis),
      shelf_(volumes, request.selection.find_volume, request.target.reporter),
      sink_(target, none_, SinkOptions(request, sis)),
      report_(report) {}

Status IndexedRestore::Run() {
  return NameFailure(RestoreSessions(), request_.volume, request_.target, sink_);
}

Status IndexedRestore::RestoreSessions() {
  TAPIR_RETURN_IF_ERROR(MakePlans());
  if (request_.threads > 1) pool_ = std::make_unique<ThreadPool>(request_.threads);
  Status outcome = RestoreContentsOfLinks();
  if (outcome.ok()) outcome = RestorePlans(plans_);
  if (outcome.ok()) outcome = RestoreFilesOfLinks();
  Status finished = sink_.Finish();
  TakeCounts(sink_.counts(), report_);
  return outcome.ok() ? finished : outcome;
}

// Has the entries of what selected objects depend on found.
template <typename Plan>
Status IndexedRestore::Complete(std::vector<Plan>& plans) {
  for (size_t i = 0; i < plans.size(); ++i) {
    for (plans[i].Close(); plans[i].NeedsMore(); plans[i].Close()) {
      TAPIR_RETURN_IF_ERROR(ForEachEntry(volumes_[places_[i].volume], places_[i],
                                         [&](const Entry& entry) { plans[i].Offer(entry); }));
    }
  }
  return OkStatus();
}

template <typename Plan>
Status IndexedRestore::RestorePlans(std::vector<Plan>& plans) {
  for (size_t i = 0; i < plans.size() && !report_.interrupted; ++i) {
    if (plans[i].wanted().empty()) continue;
    sink_.Use(plans[i]);
    TAPIR_RETURN_IF_ERROR(RestoreSession(places_[i], plans[i]));
  }
  return OkStatus();
}

Status IndexedRestore::MakePlans() {
  TAPIR_ASSIGN_OR_RETURN(EntryView view, EntryView::Open(volumes_, request_.selection, damages_,
                                                         OthersFor(request_.selection)));
  places_ = view.sessions();
  report_.missing_volumes = MissingVolumes(volumes_, places_);
  plans_.resize(places_.size());
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    Select(*viewed);
    Expect(viewed->entry);
  }
  report_.unmatched_patterns = view.UnmatchedPatterns();
  report_.left_out = view.left_out();
  report_.unsupported_sessions = view.unsupported_sessions();
  SelectStoreFiles();
  TAPIR_RETURN_IF_ERROR(Complete(plans_));
  for (const Damage& damage : damages_) {
    request_.target.reporter->Report(NoticeKind::kDamage, {}, damage.text);
  }
  return OkStatus();
}

void IndexedRestore::SelectIn(std::vector<IndexPlan>& plans, const ViewedEntry& viewed) {
  for (const ViewedEntry& piece : viewed.before) plans[piece.session].Select(piece.entry);
  plans[viewed.session].Select(viewed.entry);
}

void IndexedRestore::Select(const ViewedEntry& viewed) {
  const SisRole role = viewed.entry.sis.role;
  if (role == SisRole::kCommonStoreFile && (sis_.links || sis_.copies)) {
    store_files_.push_back(viewed);
    return;
  }
  if (sis_.copies && role == SisRole::kLink) sis_.copies->Expect(viewed.entry);
  SelectIn(plans_, viewed);
}

// Without its links a store file is a file like others.
void IndexedRestore::SelectStoreFiles() {
  if (!sis_.copies) return;
  for (const ViewedEntry& viewed : store_files_) {
    if (!sis_.copies->needs().Contains(viewed.entry)) SelectIn(plans_, viewed);
  }
}

// Those that are selected, else the latest.
Status IndexedRestore::TakeStoreFiles(
    std::set<std::string> keys, const std::function<void(size_t place, const Entry& entry)>& take) {
  for (const ViewedEntry& viewed : store_files_) {
    if (keys.erase(SisStoreKey(viewed.entry.path)) == 0) continue;
    for (const ViewedEntry& piece : viewed.before) take(piece.session, piece.entry);
    take(viewed.session, viewed.entry);
  }
  return FindStoreFiles(volumes_, places_, keys, take);
}

Status IndexedRestore::RestoreContentsOfLinks() {
  if (!sis_.copies) return OkStatus();
  std::vector<StoreContentsPlan> plans;
  for (size_t i = 0; i < places_.size(); ++i) plans.emplace_back(i);
  TAPIR_RETURN_IF_ERROR(
      TakeStoreFiles(sis_.copies->needs().keys(), [&](size_t place, const Entry& entry) {
        plans[place].SelectContents(entry, sis_.copies->Await(entry));
      }));
  TAPIR_RETURN_IF_ERROR(sis_.copies->CheckSpace());
  TAPIR_RETURN_IF_ERROR(Complete(plans));
  return RestorePlans(plans);
}

// In one sweep, now that all links are there.
Status IndexedRestore::RestoreFilesOfLinks() {
  if (!sis_.links || report_.interrupted) return OkStatus();
  const std::set<std::string> awaited = sis_.links->Awaited();
  for (const ViewedEntry& viewed : store_files_) {
    if (awaited.contains(SisStoreKey(viewed.entry.path))) continue;
    if (!request_.selection.patterns.empty()) {
      request_.target.reporter->Report(NoticeKind::kNote, viewed.entry.path,
                                       "is there, or no restored link needs it: not restored");
    }
  }
  std::vector<IndexPlan> plans(places_.size());
  TAPIR_RETURN_IF_ERROR(TakeStoreFiles(
      awaited, [&](size_t place, const Entry& entry) { plans[place].Select(entry); }));
  TAPIR_RETURN_IF_ERROR(Complete(plans));
  return RestorePlans(plans);
}

void IndexedRestore::Expect(const Entry& entry) {
  if (request_.progress == nullptr) return;
  request_.progress->expected_objects += 1;
  request_.progress->expected_bytes += entry.size;
}

Status IndexedRestore::RestoreSession(const SessionPlace& place, IndexPlan& plan) {
  Result<OpenedVolume*> volume = shelf_.VolumeOf(place);
  if (!volume.ok()) return LeaveOut(place, plan);
  BlockDevice& device = *(*volume)->device;
  TAPIR_ASSIGN_OR_RETURN(ForwardSession session, ReadHead(**volume, place));
  WantedChunks chunks(device, (*volume)->state->label, session.id, plan.wanted());
  DecodedReader reader([&chunks] { return chunks.Next(); }, pool_.get(), {});
  ObjectAssembler::Options options;
  options.complete = false;
  options.with_sha256 = !session.start || session.start->with_sha256;
  ObjectAssembler assembler(options, sink_);
  Status outcome = ReadObjects(reader, assembler, chunks);
  if (outcome.ok()) outcome = assembler.Finish(std::nullopt);
  if (outcome.ok()) outcome = sink_.SessionEnd(session);
  Status finished = sink_.Flush();
  if (outcome.ok()) outcome = finished;
  if (outcome.ok() && !report_.interrupted) outcome = NameUnsettled(**volume, place, plan);
  return outcome;
}

// Nobody has the volume.
Status IndexedRestore::LeaveOut(const SessionPlace& place, IndexPlan& plan) {
  report_.missing_volumes = "not all volumes of the set were given";
  const std::unordered_set<uint64_t> left_out = plan.TakeUnsettled();
  report_.continued += left_out.size();
  return ForEachEntry(volumes_[place.volume], place, [&](const Entry& entry) {
    if (!left_out.contains(entry.ordinal)) return;
    request_.target.reporter->Report(
        NoticeKind::kWarning, entry.path,
        "not restored: it is on a volume of the set that was not given");
  });
}

Status IndexedRestore::ReadObjects(DecodedReader& reader, ObjectAssembler& assembler,
                                   const WantedChunks& chunks) {
  for (;;) {
    if (request_.cancelled != nullptr && request_.cancelled->load()) {
      report_.interrupted = true;
      return OkStatus();
    }
    TAPIR_ASSIGN_OR_RETURN(std::optional<DecodedChunk> decoded, reader.Next());
    if (!decoded || decoded->kind == ChunkEvent::Kind::kEnd) return OkStatus();
    if (decoded->kind == ChunkEvent::Kind::kDamage) sink_.Damaged(decoded->damage);
    if (decoded->kind == ChunkEvent::Kind::kChunk) {
      TAPIR_RETURN_IF_ERROR(assembler.Take(*decoded));
    }
    if (request_.progress != nullptr) request_.progress->volume_bytes = chunks.bytes_read();
  }
}

// What was wanted and did not come is lost on the volume.
Status IndexedRestore::NameUnsettled(OpenedVolume& volume, const SessionPlace& place,
                                     IndexPlan& plan) {
  std::unordered_set<uint64_t> lost = plan.TakeUnsettled();
  if (lost.empty()) return OkStatus();
  report_.damaged += lost.size();
  return ForEachEntry(volume, place, [&](const Entry& entry) {
    if (!lost.contains(entry.ordinal)) return;
    request_.target.reporter->Report(NoticeKind::kDamage, entry.path,
                                     "cannot be read from the volume");
  });
}

}  // namespace tapir
