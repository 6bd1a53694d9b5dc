#include "tapir/jobs/restore_job.h"

#include <memory>
#include <utility>

#include "jobs/entry_view.h"
#include "jobs/index_plan.h"
#include "jobs/restore_sink.h"
#include "jobs/session_entries.h"
#include "jobs/stream_plan.h"
#include "jobs/volume_set.h"
#include "jobs/volume_shelf.h"
#include "jobs/wanted_chunks.h"
#include "object/decoded_reader.h"
#include "object/object_assembler.h"
#include "target/windows_layer.h"

namespace tapir {
namespace {

void TakeCounts(const RestoreCounts& counts, RestoreReport& report) {
  report.restored += counts.restored;
  report.content_bytes += counts.content_bytes;
  report.kept += counts.kept;
  report.damaged += counts.damaged;
  report.failed += counts.failed;
  report.unreadable_when_archived += counts.unreadable;
  report.continued += counts.continued;
  report.links_outside += counts.links_outside;
  report.refused += counts.refused;
}

RestoreSink::Options SinkOptions(const RestoreRequest& request) {
  RestoreSink::Options options;
  options.threads = request.threads;
  options.reporter = request.target.reporter;
  options.progress = request.progress;
  return options;
}

std::string TargetName(const PosixTargetOptions& target) {
  return target.directory.empty() ? "the target" : target.directory;
}

// Says what it was that ended the run.
Status Named(Status outcome, const std::string& volume, const PosixTargetOptions& target,
             RestoreSink& sink) {
  return std::move(outcome).Annotate(sink.target_failed() ? TargetName(target) : volume);
}

// Restores from a volume on a device that can locate, guided by its indexes.
class IndexedRestore {
 public:
  IndexedRestore(const RestoreRequest& request, OpenedSet& volumes, ObjectTarget& target,
                 RestoreReport& report)
      : request_(request),
        volumes_(volumes),
        shelf_(volumes, request.selection.find_volume, request.target.reporter),
        sink_(target, none_, SinkOptions(request)),
        report_(report) {}

  Status Run() { return Named(RestoreSessions(), request_.volume, request_.target, sink_); }

 private:
  Status RestoreSessions() {
    TAPIR_RETURN_IF_ERROR(MakePlans());
    if (request_.threads > 1) pool_ = std::make_unique<ThreadPool>(request_.threads);
    Status outcome;
    for (size_t i = 0; i < plans_.size() && outcome.ok() && !report_.interrupted; ++i) {
      if (plans_[i].wanted().empty()) continue;
      sink_.Use(plans_[i]);
      outcome = RestoreSession(places_[i], plans_[i]);
    }
    Status finished = sink_.Finish();
    TakeCounts(sink_.counts(), report_);
    return outcome.ok() ? finished : outcome;
  }

  Status MakePlans() {
    TAPIR_ASSIGN_OR_RETURN(EntryView view, EntryView::Open(volumes_, request_.selection, damages_,
                                                           OthersFor(request_.selection)));
    places_ = view.sessions();
    report_.missing_volumes = MissingVolumes(volumes_, places_);
    plans_.resize(places_.size());
    for (;;) {
      TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
      if (!viewed) break;
      for (const ViewedEntry& piece : viewed->before) {
        plans_[piece.session].Select(piece.entry);
      }
      plans_[viewed->session].Select(viewed->entry);
      Expect(viewed->entry);
    }
    report_.unmatched_patterns = view.UnmatchedPatterns();
    report_.unsupported_sessions = view.unsupported_sessions();
    for (size_t i = 0; i < plans_.size(); ++i) {
      for (plans_[i].Close(); plans_[i].NeedsMore(); plans_[i].Close()) {
        TAPIR_RETURN_IF_ERROR(ForEachEntry(volumes_[places_[i].volume], places_[i],
                                           [&](const Entry& entry) { plans_[i].Offer(entry); }));
      }
    }
    for (const Damage& damage : damages_) {
      request_.target.reporter->Report(NoticeKind::kDamage, {}, damage.text);
    }
    return OkStatus();
  }

  void Expect(const Entry& entry) {
    if (request_.progress == nullptr) return;
    request_.progress->expected_objects += 1;
    request_.progress->expected_bytes += entry.size;
  }

  template <typename Take>
  static Status ForEachEntry(OpenedVolume& volume, const SessionPlace& place, Take take) {
    std::vector<Damage> known_damages;
    SessionEntries entries(volume.device.get(), volume.state->label, place, known_damages);
    for (;;) {
      TAPIR_ASSIGN_OR_RETURN(std::optional<Entry> entry, entries.Next());
      if (!entry) return OkStatus();
      take(*entry);
    }
  }

  // The session's id and whether it has SHA-256 digests.
  static Result<ForwardSession> ReadHead(OpenedVolume& volume, const SessionPlace& place) {
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

  Status RestoreSession(const SessionPlace& place, IndexPlan& plan) {
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
  Status LeaveOut(const SessionPlace& place, IndexPlan& plan) {
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

  Status ReadObjects(DecodedReader& reader, ObjectAssembler& assembler,
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
  Status NameUnsettled(OpenedVolume& volume, const SessionPlace& place, IndexPlan& plan) {
    std::unordered_set<uint64_t> lost = plan.TakeUnsettled();
    if (lost.empty()) return OkStatus();
    report_.damaged += lost.size();
    return ForEachEntry(volume, place, [&](const Entry& entry) {
      if (!lost.contains(entry.ordinal)) return;
      request_.target.reporter->Report(NoticeKind::kDamage, entry.path,
                                       "cannot be read from the volume");
    });
  }

  const RestoreRequest& request_;
  OpenedSet& volumes_;
  VolumeShelf shelf_;
  IndexPlan none_;
  RestoreSink sink_;
  RestoreReport& report_;
  std::vector<Damage> damages_;
  std::vector<SessionPlace> places_;
  std::vector<IndexPlan> plans_;
  std::unique_ptr<ThreadPool> pool_;
};

Status RestoreStream(const RestoreRequest& request, BlockDevice& device, ObjectTarget& target,
                     RestoreReport& report) {
  const Selection& selection = request.selection;
  if (selection.sessions == SessionChoice::kLast || selection.at) {
    return InvalidArgument(
        request.volume +
        ": which session is the last, or ended when, is not known while a stream is read; give its "
        "number, or a file");
  }
  bool one = selection.sessions == SessionChoice::kNumber;
  StreamPlan plan(selection.patterns, one ? selection.session_number : 0);
  RestoreSink sink(target, plan, SinkOptions(request));
  std::unique_ptr<ThreadPool> pool;
  if (request.threads > 1) pool = std::make_unique<ThreadPool>(request.threads);
  ForwardReader::Options options;
  options.pool = pool.get();
  options.progress = request.progress;
  options.cancelled = request.cancelled;
  ForwardReader reader(device, options, sink);
  Status run = reader.Run();
  report.interrupted = run.code() == StatusCode::kCancelled;
  Status flushed = sink.Finish();
  TakeCounts(sink.counts(), report);
  report.damaged += sink.damages();
  report.unmatched_patterns = plan.matcher().Unmatched();
  report.torn = reader.torn();
  const bool run_failed = !run.ok() && !report.interrupted;
  return Named(run_failed ? std::move(run) : std::move(flushed), request.volume, request.target,
               sink);
}

// A directory, with what becomes there of objects from NTFS volumes.
Result<std::unique_ptr<ObjectTarget>> OpenDirectory(const PosixTargetOptions& options) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PosixTarget> target, PosixTarget::Open(options));
  return std::unique_ptr<ObjectTarget>(
      std::make_unique<WindowsLayer>(std::move(target), options.windows, *options.reporter));
}

Result<std::unique_ptr<ObjectTarget>> OpenTarget(const RestoreRequest& request) {
  return request.open_target ? request.open_target() : OpenDirectory(request.target);
}

}  // namespace

Result<RestoreReport> Restore(const RestoreRequest& request) {
  TAPIR_ASSIGN_OR_RETURN(OpenedSet set,
                         OpenSetToRead(request.volume, request.selection.next_volumes));
  OpenedVolume& opened = set.back();
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ObjectTarget> target, OpenTarget(request));
  RestoreReport report;
  report.torn = opened.torn();
  Status outcome = opened.state ? IndexedRestore(request, set, *target, report).Run()
                                : RestoreStream(request, *opened.device, *target, report);
  Status finished = target->Finish();
  if (!outcome.ok()) return outcome;
  if (!finished.ok()) return std::move(finished).Annotate(TargetName(request.target));
  return report;
}

Result<SalvageReport> Salvage(const std::string& volume, const std::vector<std::string>& patterns,
                              const PosixTargetOptions& target_options, unsigned threads,
                              Progress* progress, const std::atomic<bool>* cancelled) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<BlockDevice> device, OpenDevice(volume, OpenMode::kRead));
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ObjectTarget> target, OpenDirectory(target_options));
  StreamPlan plan(patterns, 0);
  RestoreSink::Options sink_options;
  sink_options.threads = threads;
  sink_options.keep_partial = true;
  sink_options.reporter = target_options.reporter;
  sink_options.progress = progress;
  RestoreSink sink(*target, plan, sink_options);
  std::unique_ptr<ThreadPool> pool;
  if (threads > 1) pool = std::make_unique<ThreadPool>(threads);
  ForwardReader::Options options;
  options.pool = pool.get();
  options.progress = progress;
  options.cancelled = cancelled;
  ForwardReader reader(*device, options, sink);
  Status run = reader.Run();
  SalvageReport report;
  report.interrupted = run.code() == StatusCode::kCancelled;
  Status flushed = sink.Finish();
  Status finished = target->Finish();
  const RestoreCounts& counts = sink.counts();
  report.complete = counts.restored;
  report.partial = counts.partial;
  report.failed = counts.failed + counts.kept + counts.refused;
  report.damages = sink.damages();
  report.content_bytes = counts.content_bytes;
  if (!run.ok() && !report.interrupted) return Named(std::move(run), volume, target_options, sink);
  if (!flushed.ok()) return Named(std::move(flushed), volume, target_options, sink);
  if (!finished.ok()) return finished;
  return report;
}

}  // namespace tapir
