#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/base/ambient.h"
#include "tapir/catalog/reports.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/page.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/report_file.h"
#include "tools/signals.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kReportExamples =
    "Volumes with a map of each, their sessions, what was verified, and duplicates, as one page "
    "of\n"
    "HTML that needs nothing else.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog report -o tapes.html\n";

constexpr size_t kMostGroupsShown = 20;

struct ReportOptions {
  CatalogOptions catalog;
  std::string file;
};

Status CountDuplicates(catalog::Store& store, const CatalogView& view,
                       DuplicateSummary& duplicates) {
  catalog::ContentRequest request;
  request.cancelled = &StopRequested();
  return catalog::FindDuplicates(store, view.inventory, request,
                                 [&](const catalog::ContentGroup& group) {
                                   ++duplicates.contents;
                                   duplicates.copies += group.count - 1;
                                   duplicates.copied_bytes += (group.count - 1) * group.size;
                                   if (duplicates.largest.size() < kMostGroupsShown)
                                     duplicates.largest.push_back(group);
                                   return OkStatus();
                                 });
}

Result<std::string> MakePage(const std::string& place) {
  TAPIR_ASSIGN_OR_RETURN(const auto store, OpenToRead(place));
  TAPIR_ASSIGN_OR_RETURN(const auto view, CatalogView::Read(*store));
  CatalogPage page{.catalog = store->name(), .made = Ambient::System().Now(), .view = view.get()};
  for (const VolumeFacts& facts : view->facts) {
    TAPIR_ASSIGN_OR_RETURN(const auto ranges,
                           catalog::MapVolume(*store, view->inventory, *facts.volume));
    page.pictures.push_back(DrawVolume(*facts.volume, ranges));
    if (StopRequested().load()) return Cancelled("interrupted");
  }
  const Status counted = CountDuplicates(*store, *view, page.duplicates);
  TAPIR_RETURN_IF_ERROR(Settled(*store, counted));
  return PageAsHtml(page);
}

ExitStatus RunReport(const ReportOptions& options) {
  CommandRun run(options.catalog.common);
  const Result<std::string> page = MakePage(options.catalog.place);
  if (!page.ok()) return run.Fail(page.status());
  const Status written = WriteReportFile(options.file, *page);
  if (!written.ok()) return run.Fail(written);
  return run.Finish();
}

}  // namespace

Command AddCatalogReport(CLI::App& catalog) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* app = AddCatalogAction(catalog, "report", "Write a page about it, for any browser",
                                   options->catalog);
  app->add_option("-o,--output", options->file, "The file, which is replaced")
      ->required()
      ->type_name("FILE");
  app->footer(kReportExamples);
  return {app, [options] { return RunReport(*options); }};
}

}  // namespace tapir::cli
