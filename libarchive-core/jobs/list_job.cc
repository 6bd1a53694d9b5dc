#include "tapir/jobs/list_job.h"

#include <utility>

#include "jobs/entry_view.h"
#include "jobs/open_volume.h"
#include "jobs/stream_entries.h"

namespace tapir {

Result<ListReport> ListObjects(const std::string& volume, const Selection& selection,
                               const std::function<Status(const ListedEntry&)>& take) {
  TAPIR_ASSIGN_OR_RETURN(OpenedVolume opened, OpenVolumeToRead(volume));
  if (!opened.state) return ListStream(*opened.device, selection, take);
  ListReport report;
  report.torn = opened.torn();
  TAPIR_ASSIGN_OR_RETURN(EntryView view, EntryView::Open(opened, selection, report.damages));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    bool torn = !view.sessions()[viewed->session].ended;
    TAPIR_RETURN_IF_ERROR(
        take(ListedEntry{view.session_number(viewed->session), torn, viewed->entry}));
    ++report.listed;
  }
  report.unmatched_patterns = view.UnmatchedPatterns();
  report.unsupported_sessions = view.unsupported_sessions();
  return report;
}

}  // namespace tapir
