#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/catalog/catalog.h"
#include "tools/catalog/import.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/signals.h"

namespace tapir::cli {

namespace {

constexpr const char* kAddExamples =
    "Reads label, sessions and indexes, no data. Sessions that are known are not read again.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog add photos.tapir\n"
    "  tapir catalog add /dev/nst0\n"
    "  tapir catalog add --location 'cellar, shelf 3' photos.tapir\n"
    "  tapir catalog add --catalog /srv/archive.db *.tapir\n";

constexpr const char* kRebuildExamples =
    "For volumes whose indexes are damaged or gone: their sessions are read through. What the\n"
    "catalogue has of the volume is made anew; where it is kept, notes and verifications stay.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog rebuild photos.tapir\n";

struct AddOptions {
  CatalogOptions catalog;
  std::vector<std::string> volumes;
  std::optional<std::string> location;
};

Status AddOne(catalog::Store& store, const std::string& volume, const AddOptions& options,
              bool from_records, std::set<catalog::VolumeKey>& added, CommandRun& run) {
  TAPIR_ASSIGN_OR_RETURN(const catalog::VolumeKey key,
                         ImportAndTell(store, volume, from_records, run));
  added.insert(key);
  if (!options.location) return OkStatus();
  TAPIR_RETURN_IF_ERROR(store.SetLocation(key, *options.location));
  return store.Flush();
}

/// An index on the last volume of a set is no index of the catalogue.
Status TellOfMissingVolumes(catalog::Store& store, const std::set<catalog::VolumeKey>& added,
                            CommandRun& run) {
  TAPIR_ASSIGN_OR_RETURN(const catalog::Inventory inventory, catalog::Inventory::Read(store));
  std::set<std::string> told;
  for (const catalog::Volume& volume : inventory.volumes()) {
    if (!added.contains(volume.key) || !told.insert(volume.set_uuid).second) continue;
    const std::string missing = MissingVolumes(inventory, volume.set_uuid);
    if (missing.empty()) continue;
    run.reporter().Report(NoticeKind::kNote, volume.address, missing);
  }
  return OkStatus();
}

ExitStatus RunAdd(const AddOptions& options, bool from_records) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto store = OpenCatalog(options.catalog.place, catalog::StoreUse::kWrite);
  if (!store.ok()) return run.Fail(store.status());
  std::set<catalog::VolumeKey> added;
  for (const std::string& volume : options.volumes) {
    const Status status = AddOne(**store, volume, options, from_records, added, run);
    if (status.code() == StatusCode::kCancelled) return run.Fail(status);
    // One that cannot be read does not keep the others out.
    if (!status.ok()) run.Complain(status.message(), ExitStatusOf(status));
  }
  const Status told = TellOfMissingVolumes(**store, added, run);
  if (!told.ok()) return run.Fail(told);
  return run.Finish();
}

}  // namespace

Command AddCatalogAdd(CLI::App& catalog) {
  auto options = std::make_shared<AddOptions>();
  CLI::App* app =
      AddCatalogAction(catalog, "add", "Take volumes into the catalogue", options->catalog);
  AddStrings(*app, "VOLUME", options->volumes, "PATH or a tape")->required();
  app->add_option_function<std::string>(
         "--location", [options](const std::string& text) { options->location = text; },
         "Keep in mind that they are there")
      ->type_name("TEXT");
  app->footer(kAddExamples);
  return {app, [options] { return RunAdd(*options, false); }};
}

Command AddCatalogRebuild(CLI::App& catalog) {
  auto options = std::make_shared<AddOptions>();
  CLI::App* app =
      AddCatalogAction(catalog, "rebuild", "Take a volume in anew, also where its indexes are gone",
                       options->catalog);
  AddStrings(*app, "VOLUME", options->volumes, "PATH or a tape")->required();
  app->footer(kRebuildExamples);
  return {app, [options] { return RunAdd(*options, true); }};
}

}  // namespace tapir::cli
