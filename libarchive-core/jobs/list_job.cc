#include "tapir/jobs/list_job.h"

#include <utility>

#include "jobs/collected_volume.h"
#include "jobs/entry_view.h"
#include "jobs/volume_set.h"

namespace tapir {
namespace {

Status HandOut(EntryView& view, const std::function<Status(const ListedEntry&)>& take,
               ListReport& report) {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    const SessionPlace& session = view.sessions()[viewed->session];
    TAPIR_RETURN_IF_ERROR(take(ListedEntry{session.number, session.torn(), viewed->entry}));
    ++report.listed;
  }
  report.unmatched_patterns = view.UnmatchedPatterns();
  report.unsupported_sessions = view.unsupported_sessions();
  return OkStatus();
}

}  // namespace

Result<ListReport> ListObjects(const std::string& volume, const Selection& selection,
                               const std::function<Status(const ListedEntry&)>& take) {
  ListReport report;
  TAPIR_ASSIGN_OR_RETURN(OpenedSet set, OpenSetToRead(volume, selection.next_volumes));
  OpenedVolume& opened = set.back();
  if (opened.state) {
    report.torn = opened.torn();
    TAPIR_ASSIGN_OR_RETURN(EntryView view, EntryView::Open(set, selection, report.damages));
    TAPIR_RETURN_IF_ERROR(HandOut(view, take, report));
    report.missing_volumes = MissingVolumes(set, view.sessions());
    return report;
  }
  Result<CollectedVolume> collected = CollectVolume(*opened.device, true);
  if (!collected.ok()) return std::move(collected).status().Annotate(volume);
  report.torn = collected->state.torn;
  report.damages = std::move(collected->damages);
  TAPIR_ASSIGN_OR_RETURN(EntryView view, ViewCollected(*collected, selection));
  TAPIR_RETURN_IF_ERROR(HandOut(view, take, report));
  return report;
}

}  // namespace tapir
