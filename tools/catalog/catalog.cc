#include "tools/catalog/catalog.h"

#include <memory>
#include <utility>

#include "tools/catalog/place.h"

namespace tapir::cli {

namespace {

constexpr const char* kCatalogExamples =
    "What is on many volumes, found with none of them at hand. Volumes are called by their label,\n"
    "by LABEL#N (volume N of a set), or by the beginning of their UUID; sessions VOLUME:N.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog add photos.tapir\n"
    "  tapir catalog find holiday --size 1M.. -l\n"
    "  tapir catalog ls photos 2026\n"
    "  tapir catalog needs '*.raw'\n"
    "  tapir catalog volumes\n";

}  // namespace

CLI::App* AddCatalogAction(CLI::App& catalog, const std::string& name,
                           const std::string& description, CatalogOptions& options) {
  CLI::App* app = catalog.add_subcommand(name, description);
  AddCatalogPlace(*app, options.place);
  app->add_flag("--json", options.common.json, "Print JSON, one object per line");
  AddQuiet(*app, options.common);
  return app;
}

CLI::Option* AddText(CLI::App& app, const std::string& name, std::string& value,
                     const std::string& description) {
  // The callback gets the string before it is looked at for lists.
  const CLI::callback_t take = [&value](const CLI::results_t& strings) {
    value = strings.front();
    return true;
  };
  return app.add_option(name, take, description)->type_size(1)->type_name("");
}

Command AddCatalog(CLI::App& root) {
  CLI::App* catalog =
      root.add_subcommand("catalog", "Which volume is it on? Many volumes, looked up offline");
  catalog->require_subcommand(1);
  catalog->footer(kCatalogExamples);
  auto actions = std::make_shared<std::vector<Command>>();
  for (Command (*add)(CLI::App&) :
       {AddCatalogAdd, AddCatalogRebuild, AddCatalogFind, AddCatalogLs, AddCatalogVolumes,
        AddCatalogNote, AddCatalogForget, AddCatalogNeeds, AddCatalogDuplicates, AddCatalogCopies,
        AddCatalogDiff, AddCatalogPolicy, AddCatalogExport, AddCatalogCheck, AddCatalogServe,
        AddCatalogReport}) {
    actions->push_back(add(*catalog));
  }
  return {catalog, [actions] {
            for (const Command& action : *actions) {
              if (action.app->parsed()) return action.run();
            }
            return kExitUsage;
          }};
}

}  // namespace tapir::cli
