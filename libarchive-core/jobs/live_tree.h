#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jobs/live_objects.h"
#include "source/given_paths.h"
#include "source/posix_object.h"

namespace tapir {

/// Live files below a directory. No symbolic link below it is followed.
class LiveTree : public LiveObjects {
 public:
  /// Device error if the directory cannot be opened.
  static Result<std::unique_ptr<LiveTree>> Open(const std::string& directory,
                                                const ComparisonWatch& watch);

  ComparisonTask MakeTask(ArchivedObject object) override;
  Result<std::vector<Difference>> Compare(const ComparisonTask& task) const override;

 private:
  LiveTree(std::shared_ptr<source::SourceContext> context, source::DirectoryRef root,
           const ComparisonWatch& watch);

  Result<bool> SameFile(const ComparisonTask& task, const struct stat& info) const;
  std::shared_ptr<source::SourceContext> context_;
  source::PathResolver resolver_;
  ComparisonWatch watch_;
};

}  // namespace tapir
