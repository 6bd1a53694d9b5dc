#include "tapir/jobs/restore_job.h"

#include <memory>
#include <utility>

#include "jobs/indexed_restore.h"
#include "jobs/restore_outcome.h"
#include "jobs/restore_sink.h"
#include "jobs/session_manifest.h"
#include "jobs/stream_plan.h"
#include "jobs/volume_set.h"
#include "object/forward_reader.h"
#include "target/windows_layer.h"

namespace tapir {
namespace {

// Of a stream: what is behind the sessions is not known while they are read.
std::optional<PathPolicy> PolicyOf(const Selection& selection) {
  if (selection.policy_use != PolicyUse::kGiven) return std::nullopt;
  return PathPolicy(OnDrivesOf(selection.policy, std::nullopt));
}

Status RestoreStream(const RestoreRequest& request, BlockDevice& device, ObjectTarget& target,
                     SisHandling& sis, RestoreReport& report) {
  const Selection& selection = request.selection;
  if (selection.sessions == SessionChoice::kLast || selection.at) {
    return InvalidArgument(
        request.volume +
        ": which session is the last, or ended when, is not known while a stream is read; give its "
        "number, or a file");
  }
  bool one = selection.sessions == SessionChoice::kNumber;
  StreamPlan plan(selection.patterns, one ? selection.session_number : 0, PolicyOf(selection));
  RestoreSink sink(target, plan, SinkOptions(request, sis));
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
  report.left_out = plan.left_out();
  report.torn = reader.torn();
  const bool run_failed = !run.ok() && !report.interrupted;
  return NameFailure(run_failed ? std::move(run) : std::move(flushed), request.volume,
                     request.target, sink);
}

// A directory, with what becomes there of objects from NTFS volumes.
Result<std::unique_ptr<ObjectTarget>> OpenDirectory(const PosixTargetOptions& options) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PosixTarget> target, PosixTarget::Open(options));
  return std::unique_ptr<ObjectTarget>(
      std::make_unique<WindowsLayer>(std::move(target), options.windows, *options.reporter));
}

Result<std::unique_ptr<ObjectTarget>> OpenTarget(const RestoreRequest& request) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ObjectTarget> target, request.open_target
                                                                   ? request.open_target()
                                                                   : OpenDirectory(request.target));
  return request.wrap_target ? request.wrap_target(std::move(target)) : std::move(target);
}

void HandleSis(const RestoreRequest& request, ObjectTarget& target, SisHandling& sis) {
  const SisForm usual = request.open_target ? SisForm::kLinks : SisForm::kFiles;
  const SisForm form = request.sis.value_or(usual);
  if (form == SisForm::kLinks) {
    sis.links.emplace(target, *request.target.reporter, request.take_sis_call);
  } else if (form == SisForm::kFiles) {
    sis.copies.emplace(target);
  }
}

}  // namespace

Result<RestoreReport> Restore(const RestoreRequest& request) {
  const bool with_links = request.sis.value_or(SisForm::kFiles) != SisForm::kFiles;
  if (with_links && !request.open_target) {
    return InvalidArgument("a directory can hold no links into a Single Instance Store");
  }
  TAPIR_ASSIGN_OR_RETURN(OpenedSet set,
                         OpenSetToRead(request.volume, request.selection.next_volumes));
  OpenedVolume& opened = set.back();
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ObjectTarget> target, OpenTarget(request));
  RestoreReport report;
  report.torn = opened.torn();
  SisHandling sis;
  HandleSis(request, *target, sis);
  Status outcome = opened.state ? IndexedRestore(request, set, *target, sis, report).Run()
                                : RestoreStream(request, *opened.device, *target, sis, report);
  if (sis.links) {
    sis.links->Finish();
    report.sis_links = sis.links->link_count();
    report.unresolved_links = sis.links->unresolved();
  }
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
  if (!run.ok() && !report.interrupted)
    return NameFailure(std::move(run), volume, target_options, sink);
  if (!flushed.ok()) return NameFailure(std::move(flushed), volume, target_options, sink);
  if (!finished.ok()) return finished;
  return report;
}

}  // namespace tapir
