#include "jobs/restore_outcome.h"

#include <utility>

namespace tapir {

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

RestoreSink::Options SinkOptions(const RestoreRequest& request, SisHandling& sis) {
  RestoreSink::Options options;
  options.threads = request.threads;
  options.reporter = request.target.reporter;
  options.progress = request.progress;
  options.sis = &sis;
  return options;
}

std::string TargetName(const PosixTargetOptions& target) {
  return target.directory.empty() ? "the target" : target.directory;
}

Status NameFailure(Status outcome, const std::string& volume, const PosixTargetOptions& target,
                   RestoreSink& sink) {
  return std::move(outcome).Annotate(sink.target_failed() ? TargetName(target) : volume);
}

}  // namespace tapir
