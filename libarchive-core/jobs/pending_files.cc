#include "jobs/pending_files.h"

#include <utility>

#include "tapir/jobs/policy_reading.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/delayed_operations.h"

namespace tapir {
namespace {

using Operations = std::vector<DelayedOperation>;

Status CheckPlace(VolumeFiles& files, const std::string& path) {
  if (path.find('\\') != std::string::npos) return InvalidArgument("no name that Windows has");
  const Result<VolumeFileInfo> parent = files.Stat(ParentPath(path));
  if (!parent.ok()) return parent.status();
  return parent->is_directory ? OkStatus() : NotFound("what it lies in is no directory");
}

Result<Operations> OperationsOf(VolumeFiles& files, const PendingFiles& pending,
                                const std::string& path, const StagedFile& file) {
  TAPIR_RETURN_IF_ERROR(CheckPlace(files, path));
  TAPIR_ASSIGN_OR_RETURN(const std::string target,
                         DelayedPath(OnDrive(pending.drive_letter, path)));
  TAPIR_ASSIGN_OR_RETURN(const std::string source,
                         DelayedPath(OnDrive(pending.drive_letter, file.staged)));
  Operations operations;
  if (files.Stat(path).ok()) operations.push_back({DelayedKind::kDeleteFile, {}, target, {}});
  operations.push_back({DelayedKind::kMoveFile, source, target, {}});
  if (pending.short_names && !file.short_name.empty()) {
    operations.push_back({DelayedKind::kSetFileShortName, file.short_name, target, {}});
  }
  // One that cannot be written down must not spoil the others.
  TAPIR_RETURN_IF_ERROR(BuildDelayedOperations(operations).status());
  return operations;
}

}  // namespace

Result<std::string> OperationsOfPending(VolumeFiles& files, const PendingFiles& pending,
                                        Reporter& reporter, std::vector<std::string>& placed) {
  Operations all;
  for (const auto& [path, file] : pending.staged) {
    Result<Operations> operations = OperationsOf(files, pending, path, file);
    if (!operations.ok()) {
      reporter.Report(NoticeKind::kFailure, path,
                      "stays at '" + file.staged +
                          "', no operation can be made: " + operations.status().message());
      continue;
    }
    all.insert(all.end(), operations->begin(), operations->end());
    placed.push_back(path);
  }
  const bool was_made = files.Stat(pending.staging_directory).ok();
  if (was_made && placed.size() == pending.staged.size()) {
    TAPIR_ASSIGN_OR_RETURN(std::string directory,
                           DelayedPath(OnDrive(pending.drive_letter, pending.staging_directory)));
    all.push_back({DelayedKind::kDeleteFile, {}, std::move(directory), {}});
  }
  TAPIR_ASSIGN_OR_RETURN(const Operations ordered, OrderDelayedOperations(all));
  return BuildDelayedOperations(ordered);
}

}  // namespace tapir
