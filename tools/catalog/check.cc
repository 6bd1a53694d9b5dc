#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/catalog/reports.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kCatalogCheckExamples =
    "Compares what the catalogue has of a volume with the volume: its sessions by the digests of\n"
    "their ends, and what is kept of each with its sum. Exit status 3: something does not agree.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog check photos.tapir\n"
    "  tapir catalog check /dev/nst0 --json\n";

struct CatalogCheckOptions {
  CatalogOptions catalog;
  std::string volume;
};

ExitStatus RunCatalogCheck(const CatalogCheckOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto store = OpenToRead(options.catalog.place);
  if (!store.ok()) return run.Fail(store.status());
  const auto report = catalog::CheckVolume(**store, options.volume);
  if (!report.ok()) return run.Fail(report.status());
  if (run.json()) {
    Json object;
    PutName(object, "volume", options.volume);
    object["sessions"] = report->sessions;
    object["mismatches"] = report->mismatches;
    run.out().Append(ToLine(object));
  } else if (run.wants_summary()) {
    run.out().Append(fmt::format("{}: {} as in the catalogue\n", Escaped(options.volume),
                                 Counted(report->sessions, "session")));
  }
  for (const std::string& mismatch : report->mismatches) run.Complain(mismatch, kExitDamage);
  return run.Finish();
}

}  // namespace

Command AddCatalogCheck(CLI::App& catalog) {
  auto options = std::make_shared<CatalogCheckOptions>();
  CLI::App* app =
      AddCatalogAction(catalog, "check", "Compare the catalogue with a volume", options->catalog);
  AddText(*app, "VOLUME", options->volume, "PATH or a tape")->required();
  app->footer(kCatalogCheckExamples);
  return {app, [options] { return RunCatalogCheck(*options); }};
}

}  // namespace tapir::cli
