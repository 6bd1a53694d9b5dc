#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/policy_reading.h"

namespace tapir::cli {

/// An NTFS volume that is a source.
struct WindowsSource {
  std::string place;         ///< "ntfs:IMAGE"
  std::string prefix = ".";  ///< under which it stands in the session
  char16_t letter = 0;       ///< of its drive, in upper case; 0: none is known
  VolumeRegistry registry;   ///< of the Windows on it, if that was asked for
};

struct ForeignSourceOptions {
  /// Drives that the user named: letter and place.
  std::vector<std::pair<char16_t, std::string>> drives;
  bool read_registries = false;
};

/// Takes the paths with a prefix of their own out of those of the tree and makes them further
/// sources. They are opened. Several NTFS volumes get as first component the letters of their
/// drives, which the user or a Windows on one of them tells, else their labels. A registry that
/// cannot be read is told as a warning. kUnsupported for what this build has not, kInvalidArgument,
/// device errors.
Result<std::vector<WindowsSource>> TakeForeignSources(ArchiveRequest& request,
                                                      const ForeignSourceOptions& options,
                                                      Reporter& reporter);

}  // namespace tapir::cli
