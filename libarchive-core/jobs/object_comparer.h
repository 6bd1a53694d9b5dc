#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "jobs/comparison_plan.h"
#include "jobs/expected_form.h"
#include "jobs/live_objects.h"
#include "jobs/session_record_reader.h"
#include "tapir/base/ordered_work.h"
#include "tapir/base/reporter.h"

namespace tapir {

/// Reads the planned objects of one session and compares them with live ones, several at a time;
/// hands out differences in path order. Single-thread, but for the work itself.
class ObjectComparer {
 public:
  struct Target {
    LiveObjects& live;
    const ExpectedForm& form;
    ThreadPool* pool = nullptr;
    Reporter* reporter = nullptr;
    ComparisonWatch watch;
    CompareReport& report;
    const std::function<void(const Difference&)>& take;
    const std::function<bool(const Difference&)>& is_meant;
  };

  /// References must outlive this. Damage met is appended to `damages`.
  ObjectComparer(BlockDevice& device, const Label& label, const SessionPlace& session,
                 const WantedObjects& objects, const Target& target, std::vector<Damage>& damages);

  /// Returns the objects that could be read. kCancelled, or what the device fails with.
  Result<OrdinalSet> Run();

 private:
  struct Comparison {
    Status failure;
    std::vector<std::vector<Difference>> objects;
  };
  using Batch = std::shared_ptr<std::vector<ComparisonTask>>;

  Result<std::optional<ArchivedObject>> NextArchived();
  std::optional<OrderedWork<Comparison>::Job> NextJob();
  bool IsComparable(const ArchivedObject& object);
  void Tell(NoticeKind kind, const std::string& path, const std::string& text);
  void Count(const Comparison& comparison);

  Target target_;
  ArchivedObjectSink sink_;
  SessionRecordReader reader_;
  bool at_end_ = false;
  Status failure_;
  OrdinalSet read_;
};

}  // namespace tapir
