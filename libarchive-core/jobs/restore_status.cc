#include "tapir/jobs/restore_status.h"

#include <memory>
#include <string>
#include <utility>

#include "jobs/system_hives.h"
#include "tapir/jobs/policy_reading.h"
#include "windows/file_time.h"

namespace tapir {

Result<bool> WriteRestoreStatus(const OpenVolumeFiles& open, uint32_t result, uint32_t details,
                                Ambient& ambient) {
  HiveChange change;
  HiveBytes bytes;
  {
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, open(false));
    TAPIR_ASSIGN_OR_RETURN(const std::string windows, FindWindowsDirectory(*files));
    change.path = windows + "/System32/config/SOFTWARE";
    const bool is_there = !windows.empty() && files->Stat(change.path).ok();
    TAPIR_RETURN_IF_ERROR(files->Finish());
    if (!is_there) return false;
  }
  TAPIR_RETURN_IF_ERROR(PutBackHives(open, {change.path}).status());
  {
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, open(false));
    TAPIR_ASSIGN_OR_RETURN(bytes, ReadHiveBytes(*files, change.path));
    TAPIR_RETURN_IF_ERROR(files->Finish());
  }
  Result<HiveContents> contents = ReadHive(std::move(bytes));
  if (!contents.ok()) return std::move(contents).status().Annotate(change.path);
  change.root = std::move(contents->root);
  change.description = contents->description;
  ++change.description.sequence;
  change.description.last_written = ToWindowsTime(ambient.Now());
  SetRestoreStatus(change.root, result, details, change.description.last_written);
  TAPIR_RETURN_IF_ERROR(ReplaceHives(open, {change}));
  return true;
}

}  // namespace tapir
