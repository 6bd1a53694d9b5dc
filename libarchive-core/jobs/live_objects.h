#pragma once

#include <atomic>
#include <vector>

#include "jobs/archived_object.h"
#include "source/given_paths.h"
#include "tapir/base/progress.h"
#include "tapir/jobs/compare_job.h"

namespace tapir {

/// An archived object and where its live counterpart is looked for.
struct ComparisonTask {
  ArchivedObject archived;
  source::DirectoryRef parent;          ///< of a tree of this machine
  source::DirectoryRef primary_parent;  ///< hard links whose primary is wanted
};

struct ComparisonWatch {
  Progress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;

  /// `bytes` were compared. kCancelled.
  Status Advance(uint64_t bytes) const;
  bool is_cancelled() const { return cancelled != nullptr && cancelled->load(); }
};

/// What archived objects are compared with.
class LiveObjects {
 public:
  virtual ~LiveObjects() = default;

  /// Opens nothing. One thread; ask in path order.
  virtual ComparisonTask MakeTask(ArchivedObject object) = 0;

  /// Everything in which the live object differs; nothing if it is the same. kCancelled.
  /// Thread-safe.
  virtual Result<std::vector<Difference>> Compare(const ComparisonTask& task) const = 0;
};

/// Compares the bytes of a stream that both have, and adds what differs. `name`: empty for the
/// contents. kCancelled.
Status CompareStream(const ArchivedContents& archived, uint64_t live_size, SourceObject& live,
                     bool may_have_holes, const std::string& path, const std::string& name,
                     const ComparisonWatch& watch, std::vector<Difference>& out);

}  // namespace tapir
