#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tapir/catalog/reports.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/moment.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kNeedsExamples =
    "Volumes in the order in which they are mounted, with what references and links need of\n"
    "others. A PATTERN selects as in 'tapir restore'; nothing is looked up on the volumes.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog needs '*.raw'\n"
    "  tapir catalog needs --of photos 2026/one.raw\n"
    "  tapir catalog needs --of photos --at 2026-05-01\n";

struct NeedsOptions {
  CatalogOptions catalog;
  std::vector<std::string> patterns;
  std::string of;
  SessionMoment moment;
};

using Volumes = std::vector<const catalog::Volume*>;

/// The set that is meant, or each there is.
Result<std::vector<Volumes>> MeantSets(const NeedsOptions& options, const OpenedCatalog& opened) {
  if (!options.of.empty()) {
    TAPIR_ASSIGN_OR_RETURN(Volumes volumes, FindNamedSet(opened.inventory, options.of));
    return std::vector<Volumes>{std::move(volumes)};
  }
  std::map<std::string_view, Volumes> by_uuid;
  for (const catalog::Volume& volume : opened.inventory.volumes()) {
    by_uuid[volume.set_uuid].push_back(&volume);
  }
  std::vector<Volumes> sets;
  for (auto& [uuid, volumes] : by_uuid) sets.push_back(std::move(volumes));
  return sets;
}

void Join(catalog::Needs more, bool first, catalog::Needs& all) {
  std::ranges::move(more.volumes, std::back_inserter(all.volumes));
  std::ranges::move(more.missing, std::back_inserter(all.missing));
  all.objects += more.objects;
  all.content_bytes += more.content_bytes;
  if (first) {
    all.unmatched_patterns = std::move(more.unmatched_patterns);
  } else {
    // A pattern must select something in one of the sets.
    const auto& unmatched = more.unmatched_patterns;
    std::erase_if(all.unmatched_patterns, [&](const std::string& pattern) {
      return std::ranges::find(unmatched, pattern) == unmatched.end();
    });
  }
}

/// What is on them, nobody knows.
void WarnOfMissingVolumes(const Volumes& set, const OpenedCatalog& opened, CommandRun& run) {
  const std::string missing = MissingVolumes(opened.inventory, set.front()->set_uuid);
  if (missing.empty()) return;
  run.reporter().Report(NoticeKind::kWarning, opened.names.Of(*set.front()), missing);
}

Result<catalog::Needs> NeedsOfSets(const NeedsOptions& options, const OpenedCatalog& opened,
                                   CommandRun& run) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<Volumes> sets, MeantSets(options, opened));
  catalog::Needs all;
  bool first = true;
  Status nothing = NotFound("the catalogue has no volume yet; 'tapir catalog add' reads one");
  for (const Volumes& volumes : sets) {
    auto sessions = SessionsAt(opened.inventory.SessionsOf(volumes), options.moment);
    if (!sessions.ok()) {
      nothing = sessions.status();
      continue;
    }
    TAPIR_ASSIGN_OR_RETURN(catalog::Needs needs,
                           catalog::FindNeeds(*opened.store, opened.inventory, *std::move(sessions),
                                              options.patterns));
    if (!needs.volumes.empty() || !options.of.empty()) WarnOfMissingVolumes(volumes, opened, run);
    Join(std::move(needs), first, all);
    first = false;
  }
  if (first) return nothing;
  return all;
}

Json NeededAsObject(const catalog::NeededVolume& needed, size_t mount,
                    const OpenedCatalog& opened) {
  const catalog::Volume& volume = *needed.volume;
  Json object{{"mount", mount}};
  PutName(object, "volume", opened.names.Of(volume));
  object["volume_uuid"] = volume.uuid;
  object["volume_sequence"] = volume.sequence;
  PutName(object, "location", volume.location);
  PutName(object, "address", volume.address);
  object["sessions"] = needed.sessions;
  object["objects"] = needed.objects;
  object["content_bytes"] = needed.content_bytes;
  return object;
}

std::string NeededAsText(const catalog::NeededVolume& needed, size_t mount,
                         const OpenedCatalog& opened) {
  const std::string& location = needed.volume->location;
  return fmt::format("{}. {}{}: {} {}, {}, {}\n", mount, Escaped(opened.names.Of(*needed.volume)),
                     location.empty() ? "" : " (" + Escaped(location) + ")",
                     needed.sessions.size() == 1 ? "session" : "sessions",
                     fmt::join(needed.sessions, ", "), Counted(needed.objects, "object"),
                     FormatSize(needed.content_bytes));
}

void ShowNeeds(const catalog::Needs& needs, const OpenedCatalog& opened, CommandRun& run) {
  for (size_t i = 0; i < needs.volumes.size(); ++i) {
    run.out().Append(run.json() ? ToLine(NeededAsObject(needs.volumes[i], i + 1, opened))
                                : NeededAsText(needs.volumes[i], i + 1, opened));
  }
  if (run.json()) {
    run.out().Append(ToLine(Json{{"mounts", needs.volumes.size()},
                                 {"objects", needs.objects},
                                 {"content_bytes", needs.content_bytes},
                                 {"missing", needs.missing}}));
  } else if (run.wants_summary()) {
    run.out().Append(fmt::format("{}, {}, {}\n", Counted(needs.volumes.size(), "mount"),
                                 Counted(needs.objects, "object"),
                                 FormatSize(needs.content_bytes)));
  }
  run.out().Flush();
  for (const std::string& pattern : needs.unmatched_patterns) {
    run.reporter().Report(NoticeKind::kWarning, pattern, "selects nothing");
  }
  for (const std::string& missing : needs.missing) {
    run.reporter().Report(NoticeKind::kWarning, missing,
                          "needed, and on no volume of the catalogue");
  }
}

ExitStatus RunNeeds(const NeedsOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  const auto needs = NeedsOfSets(options, *opened, run);
  if (!needs.ok()) return run.Fail(needs.status());
  ShowNeeds(*needs, *opened, run);
  return run.Finish();
}

}  // namespace

Command AddCatalogNeeds(CLI::App& catalog) {
  auto options = std::make_shared<NeedsOptions>();
  CLI::App* app = AddCatalogAction(catalog, "needs", "Which volumes a restore needs, in order",
                                   options->catalog);
  AddPatterns(*app, options->patterns);
  app->add_option("--of", options->of, "A restore of this volume or set; of any unless given")
      ->type_name("VOLUME|SET");
  AddSessionMoment(*app, options->moment);
  app->footer(kNeedsExamples);
  return {app, [options] { return RunNeeds(*options); }};
}

}  // namespace tapir::cli
