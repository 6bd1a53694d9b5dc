#include "tapir/jobs/verify_job.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "jobs/open_volume.h"
#include "jobs/verify_sink.h"
#include "jobs/volume_set.h"
#include "object/forward_reader.h"

namespace tapir {
namespace {

Verdict DecideVerdict(const VerifyReport& report) {
  if (report.damage_count > 0 || report.lost_objects > 0) return Verdict::kDamaged;
  bool newer = std::any_of(report.damages.begin(), report.damages.end(), [](const Damage& damage) {
    return damage.kind == DamageKind::kUnsupported;
  });
  if (newer || report.unsupported_sessions > 0) return Verdict::kUnsupported;
  return report.torn ? Verdict::kTorn : Verdict::kIntact;
}

ForwardReader::Options MakeOptions(const VerifyRequest& request, ThreadPool* pool) {
  ForwardReader::Options options;
  options.pool = pool;
  options.decode.headers_only = request.level == VerifyLevel::kBlocks;
  options.first_session = options.last_session = request.only_session;
  options.progress = request.progress;
  options.cancelled = request.cancelled;
  return options;
}

// Where reading begins: one session alone is gone to directly if the device can do so.
Status RunReader(ForwardReader& reader, const VerifyRequest& request, const OpenedVolume& opened) {
  if (request.only_session == 0 || !opened.state) return reader.Run();
  for (const SessionEntry& entry : opened.state->sessions) {
    if (entry.session_number == request.only_session) return reader.RunFrom(entry.start_place);
  }
  return NotFound("the volume has no session " + std::to_string(request.only_session));
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kIntact: return "intact";
    case Verdict::kDamaged: return "damaged";
    case Verdict::kTorn: return "torn";
    case Verdict::kForeign: return "foreign";
    case Verdict::kUnsupported: return "unsupported";
  }
  return "unknown";
}

Result<VerifyReport> VerifyVolume(const VerifyRequest& request,
                                  const std::function<void(const Damage&)>& on_damage) {
  VerifyReport report;
  Result<OpenedVolume> opened = OpenVolumeToRead(request.volume);
  if (!opened.ok()) {
    StatusCode code = opened.status().code();
    if (code != StatusCode::kForeign && code != StatusCode::kUnsupported) return opened.status();
    report.verdict = code == StatusCode::kForeign ? Verdict::kForeign : Verdict::kUnsupported;
    report.what_found = opened.status().message();
    return report;
  }
  std::unique_ptr<ThreadPool> pool;
  if (request.threads > 1) pool = std::make_unique<ThreadPool>(request.threads);
  int64_t length = opened->device->LengthBytes();
  if (request.progress != nullptr && length > 0 && request.only_session == 0) {
    request.progress->expected_bytes = static_cast<uint64_t>(length);
  }
  VerifySink::Options sink_options;
  sink_options.whole_volume = request.only_session == 0;
  sink_options.contents = request.level == VerifyLevel::kContent;
  VerifySink sink(report, request.progress, sink_options, on_damage);
  ForwardReader::Options options = MakeOptions(request, pool.get());
  if (opened->state) options.blocks = ReaderOptions(opened->state->label);
  TAPIR_RETURN_IF_ERROR(opened->device->Locate({}));
  ForwardReader reader(*opened->device, options, sink);
  Status run = RunReader(reader, request, *opened);
  bool foreign = run.code() == StatusCode::kForeign || run.code() == StatusCode::kUnsupported;
  report.interrupted = run.code() == StatusCode::kCancelled;
  if (foreign) {
    report.verdict = run.code() == StatusCode::kForeign ? Verdict::kForeign : Verdict::kUnsupported;
    report.what_found = run.message();
    return report;
  }
  if (!run.ok() && !report.interrupted) return run.Annotate(request.volume);
  if (opened->state && run.ok()) {
    TAPIR_RETURN_IF_ERROR(sink.ProvePending(*opened->device, opened->state->label));
  }
  report.blocks = reader.blocks_read();
  report.chunks = reader.chunks_read();
  report.volume_bytes = reader.bytes_read();
  report.torn = reader.torn() && opened->being_written_by.empty();
  report.verdict = DecideVerdict(report);
  return report;
}

Status CheckVolumeSet(const std::string& volume, const std::vector<std::string>& next) {
  return OpenSetToRead(volume, next).status();
}

Status CheckFollows(const VolumeJoints& before, const std::string& volume) {
  TAPIR_ASSIGN_OR_RETURN(OpenedVolume opened, OpenVolumeToRead(volume));
  if (!opened.state) return InvalidArgument("a stream is no volume of a set");
  return CheckIsOfSet(opened.state->label, before.set_uuid, before.sequence + 1);
}

std::string JoinFault(const VolumeJoints& before, const VolumeJoints& after) {
  if (after.before_volume.empty()) return {};
  const std::string name = "volume " + std::to_string(after.sequence) + " does not go on from ";
  if (after.before_volume != before.volume_uuid) return name + "the volume before";
  const bool fits = after.before_end.empty() || after.before_end == before.last_end;
  return fits ? "" : name + "the end that the volume before has";
}

}  // namespace tapir
