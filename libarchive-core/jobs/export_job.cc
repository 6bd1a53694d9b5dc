#include "tapir/jobs/export_job.h"

#include <memory>
#include <utility>

#include "jobs/export_target.h"

namespace tapir {

Result<ExportReport> ExportObjects(const ExportRequest& request) {
  ExportReport report;
  RestoreRequest restore;
  restore.volume = request.volume;
  restore.selection = request.selection;
  restore.target.reporter = request.reporter;
  restore.open_target = [&]() -> Result<std::unique_ptr<ObjectTarget>> {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ExportTarget> target,
                           ExportTarget::Open(request, report));
    return std::unique_ptr<ObjectTarget>(std::move(target));
  };
  restore.sis = SisForm::kObjects;
  restore.threads = request.threads;
  restore.progress = request.progress;
  restore.cancelled = request.cancelled;
  TAPIR_ASSIGN_OR_RETURN(report.reading, Restore(restore));
  report.kept += report.reading.kept;
  report.failed += report.reading.failed;
  report.without_form += report.reading.refused;
  return report;
}

}  // namespace tapir
