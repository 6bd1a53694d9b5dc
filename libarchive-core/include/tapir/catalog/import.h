#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "tapir/base/ambient.h"
#include "tapir/base/damage.h"
#include "tapir/base/progress.h"
#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

struct ImportRequest {
  std::string volume;
  /// Sessions whose index cannot be used are read through, and so are those without END; and what
  /// the catalogue has of the volume is made anew.
  bool from_records = false;
  Reporter* reporter = nullptr;  ///< not owned; required
  Progress* progress = nullptr;  ///< not owned; objects are counted
  const std::atomic<bool>* cancelled = nullptr;
  Ambient* ambient = nullptr;  ///< not owned; null: that of the system
};

struct ImportReport {
  Volume volume;
  std::vector<uint32_t> added;  ///< numbers of sessions
  std::vector<uint32_t> known;  ///< were there already, with the same digest
  /// Are in the catalogue with another digest, and stay so: the volume is not what it was.
  std::vector<uint32_t> changed;
  std::vector<uint32_t> left_out;  ///< no index that can be used; ImportRequest::from_records helps
  /// Are in the catalogue, and stay there, and cannot be found on the volume.
  std::vector<uint32_t> not_on_volume;
  uint64_t unsupported_sessions = 0;
  uint64_t objects = 0;  ///< of sessions that were added
  bool torn = false;     ///< the volume ends with an unfinished session, which is not taken
  std::vector<Damage> damages;
};

/// Takes label, sessions and indexes of a volume into the catalogue; data is not read but for the
/// metadata of encrypted objects of Windows. Sessions that are there already are not read again.
/// Each session comes in whole or not at all. Failures as ReadVolumeInfo and Store; kCancelled.
Result<ImportReport> ImportVolume(Store& store, const ImportRequest& request);

}  // namespace tapir::catalog
