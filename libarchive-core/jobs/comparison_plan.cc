#include "jobs/comparison_plan.h"

namespace tapir {

void ComparisonPlan::Want(const ViewedEntry& viewed) {
  const Entry& entry = viewed.entry;
  WantedObjects& wanted = objects[viewed.session];
  wanted.wanted.Add(entry.ordinal);
  ++wanted.count;
  ++object_count;
  content_bytes += entry.size;
  const bool leans_on_another =
      entry.type == ObjectType::kHardLink || (entry.has_reference() && entry.map_digest);
  if (leans_on_another) wanted.needed.Add(entry.link_ordinal);
}

Result<ComparisonPlan> PlanComparison(EntryView view, SisForm sis) {
  ComparisonPlan plan;
  plan.sessions = view.sessions();
  plan.objects.resize(plan.sessions.size());
  plan.unsupported_sessions = view.unsupported_sessions();
  std::vector<ViewedEntry> store_files;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    if (sis == SisForm::kFiles) plan.copied.Take(viewed->entry);
    if (viewed->entry.sis.role == SisRole::kCommonStoreFile) {
      store_files.push_back(*std::move(viewed));
    } else {
      plan.Want(*viewed);
    }
  }
  for (const ViewedEntry& viewed : store_files) {
    if (!plan.copied.Contains(viewed.entry)) plan.Want(viewed);
  }
  for (WantedObjects& objects : plan.objects) {
    objects.wanted.Seal();
    objects.needed.Seal();
  }
  plan.unmatched_patterns = view.UnmatchedPatterns();
  return plan;
}

Status ForEachUnread(EntryView view, const ComparisonPlan& plan,
                     const std::vector<OrdinalSet>& read,
                     const std::function<void(const std::string&)>& take) {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) return OkStatus();
    const bool was_read = read[viewed->session].Contains(viewed->entry.ordinal);
    if (!was_read && !plan.copied.Contains(viewed->entry)) take(viewed->entry.path);
  }
}

}  // namespace tapir
