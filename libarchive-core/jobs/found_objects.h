#pragma once

#include <vector>

#include "jobs/live_objects.h"
#include "tapir/object/object_lookup.h"

namespace tapir {

/// Objects of a tree that is not one of this machine's: an NTFS volume in an image.
class FoundObjects : public LiveObjects {
 public:
  /// The lookup must outlive it.
  FoundObjects(ObjectLookup& lookup, const ComparisonWatch& watch)
      : lookup_(lookup), watch_(watch) {}

  ComparisonTask MakeTask(ArchivedObject object) override {
    return {std::move(object), nullptr, nullptr};
  }
  Result<std::vector<Difference>> Compare(const ComparisonTask& task) const override;

 private:
  Status CompareRaw(const ArchivedObject& archived, SourceObject& found, const Metadata& live,
                    std::vector<Difference>& out) const;
  Result<bool> IsPrimary(const ComparisonTask& task, const SourceItem& found) const;
  Status CompareStreams(const ArchivedObject& archived, const SourceItem& found,
                        const Metadata& live, std::vector<Difference>& out) const;

  ObjectLookup& lookup_;
  ComparisonWatch watch_;
};

}  // namespace tapir
