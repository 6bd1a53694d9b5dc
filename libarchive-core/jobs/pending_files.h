#pragma once

#include <map>
#include <string>
#include <vector>

#include "jobs/held_back_target.h"
#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/object/volume_files.h"

namespace tapir {

struct PendingFiles {
  const std::map<std::string, StagedFile>& staged;
  std::string staging_directory;
  char16_t drive_letter = u'C';
  bool short_names = true;  ///< the files keep them
};

/// The file of operations that puts staged files into place: what is there is deleted, the staged
/// file moved, short names set, and the staging directory deleted. What no operation can be made of
/// is reported as a failure and stays staged. `placed` gets the paths of the others.
Result<std::string> OperationsOfPending(VolumeFiles& files, const PendingFiles& pending,
                                        Reporter& reporter, std::vector<std::string>& placed);

}  // namespace tapir
