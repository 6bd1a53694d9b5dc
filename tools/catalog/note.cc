#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tapir/base/ambient.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kNoteExamples =
    "Examples:\n"
    "  tapir catalog note photos 'the case is cracked'\n"
    "  tapir catalog volumes -l photos\n";

constexpr const char* kForgetExamples =
    "The volume itself is not touched. VOLUME:N is one session, for one that is not on the volume\n"
    "any more; what is noted of the volume stays.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog forget photos\n"
    "  tapir catalog forget photos:3\n"
    "  tapir catalog forget 3f2a9c01\n";

struct NoteOptions {
  CatalogOptions catalog;
  std::string volume;
  std::string text;
};

Status WriteNote(const NoteOptions& options) {
  TAPIR_ASSIGN_OR_RETURN(const OpenedCatalog opened,
                         ReadCatalog(options.catalog.place, catalog::StoreUse::kWrite));
  TAPIR_ASSIGN_OR_RETURN(const catalog::Volume* volume,
                         FindNamedVolume(opened.inventory, options.volume));
  TAPIR_RETURN_IF_ERROR(
      opened.store->AddNote({volume->key, Ambient::System().Now(), options.text}));
  return opened.store->Flush();
}

ExitStatus RunNote(const NoteOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const Status written = WriteNote(options);
  return written.ok() ? run.Finish() : run.Fail(written);
}

/// What was taken out.
struct Forgotten {
  std::string name;
  const catalog::Volume* volume = nullptr;
  std::vector<const catalog::Session*> sessions;
  bool whole_volume = true;
};

Result<Forgotten> FindForgotten(const OpenedCatalog& opened, const std::string& name) {
  const auto volume = FindNamedVolume(opened.inventory, name);
  if (volume.ok()) {
    return Forgotten{opened.names.Of(**volume), *volume,
                     opened.inventory.SessionsOf((*volume)->key), true};
  }
  if (volume.status().code() != StatusCode::kNotFound || !SplitNumber(name, ':')) {
    return volume.status();
  }
  TAPIR_ASSIGN_OR_RETURN(std::vector<const catalog::Session*> parts,
                         FindNamedSession(opened.inventory, name));
  // A copy that went its own way may have brought a second one of this number.
  const bool one_volume = std::ranges::all_of(
      parts, [&](const catalog::Session* part) { return part->volume == parts.front()->volume; });
  if (!one_volume) {
    return InvalidArgument("'" + name + "' is on several volumes; the part on one of them is " +
                           opened.names.Of(*parts.front()));
  }
  const catalog::Session& session = *parts.front();
  return Forgotten{opened.names.Of(session), &opened.inventory.VolumeOf(session), std::move(parts),
                   false};
}

Status Forget(catalog::Store& store, const Forgotten& forgotten) {
  if (forgotten.whole_volume) {
    TAPIR_RETURN_IF_ERROR(store.ForgetVolume(forgotten.volume->key));
    return store.Flush();
  }
  for (const catalog::Session* session : forgotten.sessions) {
    TAPIR_RETURN_IF_ERROR(store.DropSession(session->key));
  }
  return store.Flush();
}

ExitStatus RunForget(const NoteOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place, catalog::StoreUse::kWrite);
  if (!opened.ok()) return run.Fail(opened.status());
  const auto forgotten = FindForgotten(*opened, options.volume);
  if (!forgotten.ok()) return run.Fail(forgotten.status());
  const Status done = Forget(*opened->store, *forgotten);
  if (!done.ok()) return run.Fail(done);
  if (run.json()) {
    Json object;
    PutName(object, "volume", opened->names.Of(*forgotten->volume));
    object["uuid"] = forgotten->volume->uuid;
    object["sessions"] = forgotten->sessions.size();
    run.out().Append(ToLine(object));
  } else if (run.wants_summary()) {
    run.out().Append(fmt::format("forgotten: {}, {}\n", Quoted(forgotten->name),
                                 Counted(forgotten->sessions.size(), "session")));
  }
  return run.Finish();
}

CLI::App* AddWithVolume(CLI::App& catalog, const std::string& name, const std::string& description,
                        NoteOptions& options) {
  CLI::App* app = AddCatalogAction(catalog, name, description, options.catalog);
  AddText(*app, "VOLUME", options.volume, "Label, UUID or its beginning, or as it was read")
      ->required();
  return app;
}

}  // namespace

Command AddCatalogNote(CLI::App& catalog) {
  auto options = std::make_shared<NoteOptions>();
  CLI::App* app = AddWithVolume(catalog, "note", "Keep a remark on a volume", *options);
  AddText(*app, "TEXT", options->text, "The remark")->required();
  app->footer(kNoteExamples);
  return {app, [options] { return RunNote(*options); }};
}

Command AddCatalogForget(CLI::App& catalog) {
  auto options = std::make_shared<NoteOptions>();
  CLI::App* app = AddWithVolume(
      catalog, "forget",
      "Take a volume or session out of the catalogue, with all that is known of it", *options);
  app->footer(kForgetExamples);
  return {app, [options] { return RunForget(*options); }};
}

}  // namespace tapir::cli
