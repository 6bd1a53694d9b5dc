#include <fmt/format.h>

#include <memory>
#include <string>

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
    "The volume itself is not touched.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog forget photos\n"
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

ExitStatus RunForget(const NoteOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place, catalog::StoreUse::kWrite);
  if (!opened.ok()) return run.Fail(opened.status());
  const auto volume = FindNamedVolume(opened->inventory, options.volume);
  if (!volume.ok()) return run.Fail(volume.status());
  const size_t sessions = opened->inventory.SessionsOf((*volume)->key).size();
  Status forgotten = opened->store->ForgetVolume((*volume)->key);
  if (forgotten.ok()) forgotten = opened->store->Flush();
  if (!forgotten.ok()) return run.Fail(forgotten);
  if (run.json()) {
    Json object;
    PutName(object, "volume", opened->names.Of(**volume));
    object["uuid"] = (*volume)->uuid;
    object["sessions"] = sessions;
    run.out().Append(ToLine(object));
  } else if (run.wants_summary()) {
    run.out().Append(fmt::format("forgotten: {}, {}\n", Quoted(opened->names.Of(**volume)),
                                 Counted(sessions, "session")));
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
  CLI::App* app =
      AddWithVolume(catalog, "forget",
                    "Take a volume out of the catalogue, with all that is known of it", *options);
  app->footer(kForgetExamples);
  return {app, [options] { return RunForget(*options); }};
}

}  // namespace tapir::cli
