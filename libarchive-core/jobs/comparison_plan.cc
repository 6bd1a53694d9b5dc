#include "jobs/comparison_plan.h"

namespace tapir {

Result<ComparisonPlan> PlanComparison(EntryView view) {
  ComparisonPlan plan;
  plan.sessions = view.sessions();
  plan.objects.resize(plan.sessions.size());
  plan.unsupported_sessions = view.unsupported_sessions();
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    const Entry& entry = viewed->entry;
    WantedObjects& objects = plan.objects[viewed->session];
    objects.wanted.Add(entry.ordinal);
    ++objects.count;
    ++plan.object_count;
    plan.content_bytes += entry.size;
    bool leans_on_another =
        entry.type == ObjectType::kHardLink || (entry.has_reference() && entry.map_digest);
    if (leans_on_another) objects.needed.Add(entry.link_ordinal);
  }
  for (WantedObjects& objects : plan.objects) {
    objects.wanted.Seal();
    objects.needed.Seal();
  }
  plan.unmatched_patterns = view.UnmatchedPatterns();
  return plan;
}

Status ForEachUnread(EntryView view, const std::vector<OrdinalSet>& read,
                     const std::function<void(const std::string&)>& take) {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) return OkStatus();
    if (!read[viewed->session].Contains(viewed->entry.ordinal)) take(viewed->entry.path);
  }
}

}  // namespace tapir
