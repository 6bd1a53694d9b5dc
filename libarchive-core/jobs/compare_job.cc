#include "tapir/jobs/compare_job.h"

#include <memory>
#include <utility>

#include "jobs/comparison_plan.h"
#include "jobs/expected_form.h"
#include "jobs/found_objects.h"
#include "jobs/live_tree.h"
#include "jobs/object_comparer.h"
#include "jobs/open_volume.h"
#include "jobs/store_files.h"
#include "jobs/volume_shelf.h"

namespace tapir {
namespace {

// Tells a reporter, if there is one, about what concerns the comparison as a whole.
class Teller {
 public:
  explicit Teller(Reporter* reporter) : reporter_(reporter) {}

  void Tell(NoticeKind kind, const std::string& subject, const std::string& text) const {
    if (reporter_ != nullptr) reporter_->Report(kind, subject, text);
  }
  void TellDamages(const std::vector<Damage>& damages) const {
    for (const Damage& damage : damages) {
      Tell(NoticeKind::kDamage, "unit " + std::to_string(damage.unit), damage.text);
    }
  }
  void TellGaps(const ComparisonPlan& plan, const OpenedVolume& opened,
                const std::string& missing_volumes) const {
    for (const std::string& pattern : plan.unmatched_patterns) {
      Tell(NoticeKind::kWarning, pattern, "selects nothing in the volume");
    }
    if (plan.unsupported_sessions > 0) {
      Tell(NoticeKind::kWarning, "",
           std::to_string(plan.unsupported_sessions) +
               " sessions need a newer version of this program and are left out");
    }
    if (!missing_volumes.empty()) Tell(NoticeKind::kWarning, "", missing_volumes);
    if (opened.torn()) {
      Tell(NoticeKind::kWarning, "", "the volume ends with a session that was never finished");
    }
  }

 private:
  Reporter* reporter_;
};

Result<std::vector<OrdinalSet>> CompareSessions(VolumeShelf& shelf, const ComparisonPlan& plan,
                                                const ObjectComparer::Target& target,
                                                std::vector<Damage>& damages) {
  std::vector<OrdinalSet> read(plan.sessions.size());
  for (size_t i = 0; i < plan.sessions.size(); ++i) {
    if (plan.objects[i].count == 0) continue;
    Result<OpenedVolume*> opened = shelf.VolumeOf(plan.sessions[i]);
    if (!opened.ok()) {
      // Told; it is no damage.
      read[i] = plan.objects[i].wanted;
      continue;
    }
    ObjectComparer comparer(*(*opened)->device, (*opened)->state->label, plan.sessions[i],
                            plan.objects[i], target, damages);
    TAPIR_ASSIGN_OR_RETURN(read[i], comparer.Run());
  }
  return read;
}

}  // namespace

std::string_view DifferenceKindName(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kMissing: return "missing";
    case DifferenceKind::kType: return "type";
    case DifferenceKind::kContent: return "content";
    case DifferenceKind::kSize: return "size";
    case DifferenceKind::kMode: return "mode";
    case DifferenceKind::kOwner: return "owner";
    case DifferenceKind::kMtime: return "mtime";
    case DifferenceKind::kTarget: return "target";
    case DifferenceKind::kXattr: return "xattr";
    case DifferenceKind::kHardLink: return "hard link";
    case DifferenceKind::kDevice: return "device";
    case DifferenceKind::kAttributes: return "attributes";
    case DifferenceKind::kTimes: return "times";
    case DifferenceKind::kShortName: return "short name";
    case DifferenceKind::kSecurity: return "security";
    case DifferenceKind::kExtendedAttributes: return "extended attributes";
    case DifferenceKind::kObjectId: return "object id";
    case DifferenceKind::kReparse: return "reparse data";
    case DifferenceKind::kEncryption: return "encryption";
    case DifferenceKind::kStream: return "stream";
    case DifferenceKind::kUnreadable: return "unreadable";
  }
  return "unknown";
}

namespace {

ComparisonWatch WatchOf(const CompareRequest& request) {
  return {request.progress, request.cancelled};
}

Result<CompareReport> CompareWith(LiveObjects& live, ExpectedForm form,
                                  const CompareRequest& request,
                                  const std::function<void(const Difference&)>& take) {
  CompareReport report;
  TAPIR_ASSIGN_OR_RETURN(OpenedSet set,
                         OpenSetToRead(request.volume, request.selection.next_volumes));
  OpenedVolume& opened = set.back();
  if (!opened.state) {
    return InvalidArgument("comparing goes through a volume more than once; save " +
                           request.volume + " to a file first");
  }
  std::vector<Damage> damages;
  TAPIR_ASSIGN_OR_RETURN(EntryView view, EntryView::Open(set, request.selection, damages,
                                                         OthersFor(request.selection)));
  TAPIR_ASSIGN_OR_RETURN(const ComparisonPlan plan, PlanComparison(std::move(view), form.sis()));
  TAPIR_RETURN_IF_ERROR(
      FindStoreFiles(set, plan.sessions, plan.copied.keys(),
                     [&](size_t, const Entry& store_file) { form.Learn(store_file); }));
  Teller teller(request.reporter);
  teller.TellGaps(plan, opened, MissingVolumes(set, plan.sessions));
  if (request.progress != nullptr) {
    request.progress->expected_objects = plan.object_count;
    request.progress->expected_bytes = plan.content_bytes;
  }
  std::unique_ptr<ThreadPool> pool;
  if (request.threads > 1) pool = std::make_unique<ThreadPool>(request.threads);
  ObjectComparer::Target target{live,   form, pool.get(),      request.reporter, WatchOf(request),
                                report, take, request.is_meant};
  VolumeShelf shelf(set, request.selection.find_volume, request.reporter);
  TAPIR_ASSIGN_OR_RETURN(std::vector<OrdinalSet> read,
                         CompareSessions(shelf, plan, target, damages));
  teller.TellDamages(damages);
  uint64_t read_count = 0;
  for (const OrdinalSet& ordinals : read) read_count += ordinals.Count();
  if (read_count == plan.object_count) return report;
  // What could not be read is named in a second pass, which is rarely needed.
  std::vector<Damage> told_already;
  EntryView again = EntryView::OfSessions(set, request.selection, {plan.sessions}, told_already);
  TAPIR_RETURN_IF_ERROR(ForEachUnread(std::move(again), plan, read, [&](const std::string& path) {
    ++report.damages;
    teller.Tell(NoticeKind::kDamage, path, "cannot be read from the volume, not compared");
  }));
  return report;
}

}  // namespace

Result<CompareReport> CompareWithDirectory(const CompareRequest& request,
                                           const std::string& directory,
                                           const std::function<void(const Difference&)>& take) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<LiveTree> live,
                         LiveTree::Open(directory, WatchOf(request)));
  return CompareWith(*live, ExpectedForm(true, SisForm::kFiles), request, take);
}

Result<CompareReport> CompareWithObjects(const CompareRequest& request, ObjectLookup& live,
                                         const std::function<void(const Difference&)>& take) {
  FoundObjects objects(live, WatchOf(request));
  return CompareWith(objects, ExpectedForm(false, request.sis), request, take);
}

}  // namespace tapir
