#include "tools/catalog/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tapir/base/ambient.h"
#include "tapir/jobs/volume_info.h"
#include "tools/catalog/place.h"
#include "tools/damage_text.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/signals.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

using catalog::ImportReport;

std::string SessionWords(const std::vector<uint32_t>& numbers) {
  return fmt::format("{} {}", numbers.size() == 1 ? "session" : "sessions",
                     fmt::join(numbers, ", "));
}

Json ImportAsObject(const std::string& volume, const ImportReport& report) {
  Json object;
  PutName(object, "volume", volume);
  PutName(object, "label", report.volume.label);
  object["uuid"] = report.volume.uuid;
  object["set_uuid"] = report.volume.set_uuid;
  object["volume_sequence"] = report.volume.sequence;
  object["added"] = report.added;
  object["known"] = report.known;
  object["changed"] = report.changed;
  object["left_out"] = report.left_out;
  object["not_on_volume"] = report.not_on_volume;
  object["unsupported_sessions"] = report.unsupported_sessions;
  object["objects"] = report.objects;
  object["torn"] = report.torn;
  return object;
}

std::string ImportAsText(const std::string& volume, const ImportReport& report) {
  std::string text = Escaped(volume) + ": ";
  if (report.added.empty()) {
    text += "nothing new";
  } else {
    text += fmt::format("{} added, {}", Counted(report.added.size(), "session"),
                        Counted(report.objects, "object"));
  }
  if (!report.known.empty()) {
    text += fmt::format(", {} known", Counted(report.known.size(), "session"));
  }
  return text + "\n";
}

void ComplainOfGaps(const std::string& volume, const ImportReport& report, CommandRun& run) {
  Reporter& reporter = run.reporter();
  for (const Damage& damage : report.damages) {
    reporter.Report(NoticeKind::kDamage, volume, DamageAsText(damage));
  }
  if (!report.left_out.empty()) {
    reporter.Report(NoticeKind::kWarning, volume,
                    SessionWords(report.left_out) +
                        " left out, without an index that can be used; 'tapir catalog rebuild' "
                        "reads the records");
  }
  if (!report.not_on_volume.empty()) {
    reporter.Report(
        NoticeKind::kWarning, volume,
        SessionWords(report.not_on_volume) +
            " cannot be found on the volume; 'tapir catalog forget VOLUME:N' takes such "
            "a one out of the catalogue");
  }
  if (!report.changed.empty()) {
    run.Complain(fmt::format("{}: {} not as in the catalogue: the volume has other bytes in the "
                             "place; 'tapir catalog rebuild' takes them in",
                             Quoted(volume), SessionWords(report.changed)),
                 kExitDamage);
  }
  if (report.torn) {
    reporter.Report(NoticeKind::kWarning, volume,
                    "the last session was never finished, and is left out");
  }
  if (report.unsupported_sessions > 0) {
    run.Complain(fmt::format("{}: {} left out: a newer version of tapir wrote them", Quoted(volume),
                             Counted(report.unsupported_sessions, "session")),
                 kExitForeign);
  }
}

/// The volume as its verification saw it: what more there is comes with `catalog add`. Without UUID
/// if it has no label that can be read.
catalog::Volume VerifiedVolume(const VerifyRequest& request, const VerifyReport& report) {
  catalog::Volume volume;
  volume.uuid = report.joints.volume_uuid;
  volume.set_uuid = report.joints.set_uuid;
  volume.label = report.joints.set_label;
  volume.sequence = report.joints.sequence;
  volume.used_bytes = report.volume_bytes;
  volume.address = request.volume;
  volume.updated = Ambient::System().Now();
  if (!volume.uuid.empty() || request.only_session == 0) return volume;
  // The label was not among what was verified.
  const auto info = ReadVolumeInfo(request.volume);
  if (!info.ok()) return volume;
  volume.uuid = info->uuid;
  volume.set_uuid = info->set_uuid;
  volume.label = info->label;
  volume.sequence = info->volume_sequence;
  volume.used_bytes = info->volume_bytes;
  return volume;
}

/// As it is in the catalogue, to which it is added if it is not there.
Result<catalog::VolumeKey> KeyOf(catalog::Store& store, const catalog::Volume& volume) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<catalog::Volume> volumes, store.Volumes());
  const auto known = std::ranges::find(volumes, volume.uuid, &catalog::Volume::uuid);
  if (known != volumes.end()) return known->key;
  return store.PutVolume(volume);
}

/// A hint for whoever takes a volume that was verified for one that is in the catalogue.
Status NoteUnknownSessions(catalog::Store& store, catalog::VolumeKey volume,
                           const VerifyRequest& request, const VerifyReport& report,
                           CommandRun& run) {
  if (report.sessions == 0 || !run.wants_summary()) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(const std::vector<catalog::Session> sessions, store.Sessions());
  if (std::ranges::find(sessions, volume, &catalog::Session::volume) != sessions.end()) {
    return OkStatus();
  }
  run.out().Flush();
  run.reporter().Report(NoticeKind::kNote, request.volume,
                        "its sessions are not in the catalogue; 'tapir catalog add' takes them in");
  return OkStatus();
}

}  // namespace

Result<catalog::VolumeKey> ImportAndTell(catalog::Store& store, const std::string& volume,
                                         bool from_records, CommandRun& run) {
  catalog::ImportRequest request;
  request.volume = volume;
  request.from_records = from_records;
  request.reporter = &run.reporter();
  request.progress = &run.progress();
  request.cancelled = &StopRequested();
  run.StartProgress(ProgressMeasure::kVolume);
  const auto report = catalog::ImportVolume(store, request);
  run.StopProgress();
  if (!report.ok()) return report.status();
  if (run.json()) {
    run.out().Append(ToLine(ImportAsObject(volume, *report)));
  } else if (run.wants_summary()) {
    run.out().Append(ImportAsText(volume, *report));
  }
  run.out().Flush();
  ComplainOfGaps(volume, *report, run);
  return report->volume.key;
}

void AddCatalogUse(CLI::App& app, std::optional<std::string>& place,
                   const std::string& description) {
  const CLI::callback_t take = [&place](const CLI::results_t& strings) {
    place = strings.empty() ? std::string() : strings.front();
    // Without a word of its own the option takes the next one, which may be the volume.
    if (!place->empty() && !MayBeCatalog(*place)) {
      const std::string shown = IsMistakenAddress(*place) ? "what follows it" : Quoted(*place);
      throw CLI::ValidationError(
          "--catalog", fmt::format("{} is no catalogue, and no name for one (*.db); to mean that "
                                   "of this user, put --catalog last or before another option",
                                   shown));
    }
    return true;
  };
  app.add_option("--catalog", take, description)
      ->type_size(1)
      ->expected(0, 1)
      ->type_name("[FILE|URL]");
}

Status RecordVerification(catalog::Store& store, const VerifyRequest& request,
                          const VerifyReport& report, CommandRun& run) {
  if (report.interrupted) return OkStatus();
  const catalog::Volume verified = VerifiedVolume(request, report);
  if (verified.uuid.empty()) {
    run.reporter().Report(NoticeKind::kWarning, request.volume,
                          "the label cannot be read: not noted in the catalogue");
    return OkStatus();
  }
  TAPIR_ASSIGN_OR_RETURN(const catalog::VolumeKey volume, KeyOf(store, verified));
  catalog::Verification verification;
  verification.volume = volume;
  verification.time = Ambient::System().Now();
  verification.level = request.level == VerifyLevel::kBlocks ? "blocks" : "content";
  verification.coverage =
      request.only_session == 0 ? "volume" : fmt::format("session {}", request.only_session);
  verification.verdict = VerdictName(report.verdict);
  verification.blocks = report.blocks;
  verification.objects = report.objects;
  verification.proven_bytes = report.content_bytes;
  verification.damage_count = report.damage_count;
  const size_t kept = std::min(report.damages.size(), catalog::kMaxKeptDamages);
  verification.damages.assign(report.damages.begin(),
                              report.damages.begin() + static_cast<ptrdiff_t>(kept));
  TAPIR_RETURN_IF_ERROR(store.AddVerification(verification));
  TAPIR_RETURN_IF_ERROR(store.Flush());
  return NoteUnknownSessions(store, volume, request, report, run);
}

Status ImportSession(const std::string& place, const std::vector<std::string>& volumes,
                     CommandRun& run) {
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<catalog::Store> store,
                         OpenCatalog(place, catalog::StoreUse::kWrite));
  // A changer calls all of them the same: then the last one is in the drive.
  std::set<std::string> taken;
  for (const std::string& volume : volumes) {
    if (!taken.insert(volume).second) continue;
    const auto key = ImportAndTell(*store, volume, false, run);
    if (!key.ok()) return key.status();
  }
  if (taken.size() < volumes.size()) {
    run.reporter().Report(NoticeKind::kWarning, {},
                          "only the volume that is in the drive now is in the catalogue; 'tapir "
                          "catalog add' takes the others");
  }
  return OkStatus();
}

}  // namespace tapir::cli
