#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "jobs/archived_object.h"
#include "source/given_paths.h"
#include "source/posix_object.h"
#include "tapir/base/progress.h"
#include "tapir/jobs/compare_job.h"

namespace tapir {

/// An archived object and where its live counterpart is looked for.
struct ComparisonTask {
  ArchivedObject archived;
  source::DirectoryRef parent;
  source::DirectoryRef primary_parent;  ///< hard links whose primary is wanted
};

/// Live files below a directory. No symbolic link below it is followed.
class LiveTree {
 public:
  struct Watch {
    Progress* progress = nullptr;
    const std::atomic<bool>* cancelled = nullptr;
    bool is_cancelled() const { return cancelled != nullptr && cancelled->load(); }
  };

  /// Device error if the directory cannot be opened.
  static Result<std::unique_ptr<LiveTree>> Open(const std::string& directory, const Watch& watch);

  /// Opens nothing. One thread; ask in path order.
  ComparisonTask MakeTask(ArchivedObject object);

  /// Everything in which the live object differs; nothing if it is the same. kCancelled.
  /// Thread-safe.
  Result<std::vector<Difference>> Compare(const ComparisonTask& task) const;

 private:
  LiveTree(std::shared_ptr<source::SourceContext> context, source::DirectoryRef root,
           const Watch& watch);

  Result<bool> SameFile(const ComparisonTask& task, const struct stat& info) const;
  Status CompareContents(const ComparisonTask& task, const struct stat& info, SourceObject& object,
                         uint64_t live_size, std::vector<Difference>& out) const;

  std::shared_ptr<source::SourceContext> context_;
  source::PathResolver resolver_;
  Watch watch_;
};

}  // namespace tapir
