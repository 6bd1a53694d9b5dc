#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/progress.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"
#include "tapir/jobs/sis_form.h"
#include "tapir/target/posix_target.h"

namespace tapir {

struct RestoreRequest {
  std::string volume;
  Selection selection;
  PosixTargetOptions target;  ///< `reporter` is also the job's
  /// Opens another target instead, once the volume could be opened.
  std::function<Result<std::unique_ptr<ObjectTarget>>()> open_target;
  /// Not empty: puts another target in front of the one that was opened.
  std::function<std::unique_ptr<ObjectTarget>(std::unique_ptr<ObjectTarget>)> wrap_target;
  /// Nothing: links onto what open_target opens, files onto a directory, which can hold no links.
  std::optional<SisForm> sis;
  /// SisForm::kLinks: learns of the links and store files restored. Any thread, one at a time.
  TakeSisCall take_sis_call;
  unsigned threads = 2;
  Progress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

struct RestoreReport {
  uint64_t restored = 0;
  uint64_t content_bytes = 0;
  uint64_t kept = 0;       ///< something was in the way and was kept; each is reported
  uint64_t damaged = 0;    ///< selected, and not readable from the volume; each is reported
  uint64_t failed = 0;     ///< could not be written to the target; each is reported
  uint64_t refused = 0;    ///< the target cannot hold such objects; each is reported
  uint64_t left_out = 0;   ///< by rules of a policy
  uint64_t continued = 0;  ///< not all of the file was at hand, not restored; each is reported
  uint64_t unreadable_when_archived = 0;  ///< marked so in the volume, not restored; reported
  uint64_t links_outside = 0;             ///< hard links to names that are not in the archive
  uint64_t sis_links = 0;                 ///< restored as links
  uint64_t unresolved_links = 0;  ///< of these and of their store files: not all is there; reported
  std::vector<std::string> unmatched_patterns;
  bool torn = false;
  uint64_t unsupported_sessions = 0;
  std::string missing_volumes;  ///< parts of sessions, in words; empty if none is
  bool interrupted = false;
};

/// Restores selected objects. A file appears under its name only when all its bytes were proven by
/// their digest. Returns a failure only if the volume or target cannot be opened, or a device gives
/// up.
Result<RestoreReport> Restore(const RestoreRequest& request);

struct SalvageReport {
  uint64_t complete = 0;
  uint64_t partial = 0;  ///< files kept as NAME.tapir-partial; each is reported
  uint64_t failed = 0;
  uint64_t damages = 0;
  uint64_t content_bytes = 0;
  bool interrupted = false;
};

/// Takes everything readable from a volume without index, label or tail, all sessions, in the order
/// of the volume: later objects replace earlier ones of the same path. `patterns` as in Selection.
Result<SalvageReport> Salvage(const std::string& volume, const std::vector<std::string>& patterns,
                              const PosixTargetOptions& target, unsigned threads,
                              Progress* progress, const std::atomic<bool>* cancelled);

}  // namespace tapir
