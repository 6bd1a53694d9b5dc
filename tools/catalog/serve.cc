#include <fmt/format.h>

#include <memory>
#include <string>

#include "tools/catalog/catalog.h"
#include "tools/catalog/place.h"
#include "tools/catalog/web/server.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/signals.h"

namespace tapir::cli {

namespace {

constexpr const char* kServeExamples =
    "Nothing can be changed through it, and it needs no network. Whoever can reach the address "
    "can\n"
    "read the catalogue: it is that of this machine alone unless --address says otherwise.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog serve\n"
    "  tapir catalog serve --port 0 --catalog /srv/tapes.db\n";

/// So that bookmarks, and what was put into the basket, are found again.
constexpr uint16_t kUsualPort = 8273;

struct ServeOptions {
  CatalogOptions catalog;
  WebServerOptions server{.port = kUsualPort};
};

ExitStatus RunServe(const ServeOptions& options) {
  CommandRun run(options.catalog.common);
  StorePool stores(
      [place = options.catalog.place] { return OpenCatalog(place, catalog::StoreUse::kRead); });
  // Says now, not with the first request, that there is no catalogue.
  std::string name;
  {
    Result<StorePool::Lease> lease = stores.Take();
    if (!lease.ok()) return run.Fail(lease.status());
    name = lease->store().name();
  }
  const auto started = [&](const std::string& address) {
    if (run.json()) {
      run.out().Append(ToLine(Json{{"url", address}, {"catalog", Escaped(name)}}));
    } else {
      run.out().Append(fmt::format("{} is shown at {}\n", SafeText(name), address));
      if (run.wants_summary()) run.out().Append("Ctrl-C stops it.\n");
    }
    run.out().Flush();
  };
  const Status status = ServeCatalog(options.server, stores, StopRequested(), started);
  if (!status.ok()) return run.Fail(status);
  return run.Finish();
}

}  // namespace

Command AddCatalogServe(CLI::App& catalog) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* app = AddCatalogAction(catalog, "serve", "Show it in a browser", options->catalog);
  app->add_option("--address", options->server.address,
                  "Where to listen: an address or name of this machine; 127.0.0.1 unless given")
      ->type_name("ADDRESS");
  app->add_option("--port", options->server.port, "8273 unless given; 0: one that is free")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  app->footer(kServeExamples);
  return {app, [options] { return RunServe(*options); }};
}

}  // namespace tapir::cli
