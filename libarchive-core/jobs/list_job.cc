#include "tapir/jobs/list_job.h"

#include <utility>

#include "jobs/collected_volume.h"
#include "jobs/entry_view.h"
#include "jobs/volume_set.h"

namespace tapir {
namespace {

// Numbers in the set.
using VolumeNumbers = std::vector<uint32_t>;

uint32_t VolumeOf(const SessionPlace& session, const VolumeNumbers& given) {
  return session.elsewhere != 0 ? session.elsewhere : given[session.volume];
}

Status HandOut(EntryView& view, const VolumeNumbers& given,
               const std::function<Status(const ListedEntry&)>& take, ListReport& report) {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    const SessionPlace& session = view.sessions()[viewed->session];
    const ViewedEntry& begun = viewed->before.empty() ? *viewed : viewed->before.front();
    ListedEntry listed{session.number, VolumeOf(view.sessions()[begun.session], given),
                       VolumeOf(session, given), session.torn(), viewed->entry};
    TAPIR_RETURN_IF_ERROR(take(listed));
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
    TAPIR_ASSIGN_OR_RETURN(EntryView view,
                           EntryView::Open(set, selection, report.damages, OtherVolumes::kListed));
    VolumeNumbers given;
    for (const OpenedVolume& one : set) given.push_back(one.state->label.volume_sequence);
    TAPIR_RETURN_IF_ERROR(HandOut(view, given, take, report));
    report.missing_volumes = MissingVolumes(set, view.sessions());
    return report;
  }
  Result<CollectedVolume> collected = CollectVolume(*opened.device, true);
  if (!collected.ok()) return std::move(collected).status().Annotate(volume);
  report.torn = collected->state.torn;
  report.damages = std::move(collected->damages);
  TAPIR_ASSIGN_OR_RETURN(EntryView view, ViewCollected(*collected, selection));
  const VolumeNumbers given{collected->state.label.volume_sequence};
  TAPIR_RETURN_IF_ERROR(HandOut(view, given, take, report));
  return report;
}

}  // namespace tapir
