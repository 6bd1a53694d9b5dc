#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "jobs/archived_object.h"
#include "jobs/entry_view.h"
#include "jobs/sis_needs.h"
#include "tapir/jobs/sis_form.h"

namespace tapir {

/// What a selection asks for, session by session.
struct ComparisonPlan {
  std::vector<SessionPlace> sessions;
  std::vector<WantedObjects> objects;  ///< of each session
  uint64_t object_count = 0;
  uint64_t content_bytes = 0;
  uint64_t unsupported_sessions = 0;
  std::vector<std::string> unmatched_patterns;
  /// SisForm::kFiles: the common-store files that links are files of. They have no own place.
  SisNeeds copied;

  void Want(const ViewedEntry& viewed);
};

/// Goes through the whole view.
Result<ComparisonPlan> PlanComparison(EntryView view, SisForm sis);

/// Calls `take` with each path of the view whose object should be and is not in `read` (by
/// session).
Status ForEachUnread(EntryView view, const ComparisonPlan& plan,
                     const std::vector<OrdinalSet>& read,
                     const std::function<void(const std::string&)>& take);

}  // namespace tapir
