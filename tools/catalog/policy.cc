#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tools/catalog/catalog.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/policy_report.h"

namespace tapir::cli {

namespace {

constexpr const char* kCatalogPolicyExamples =
    "What the registry said about backups when a session was written, as 'tapir policy show' "
    "shows\n"
    "it with the volume at hand, which also counts what each entry left out.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog policy\n"
    "  tapir catalog policy disks:3 --json\n";

struct CatalogPolicyOptions {
  CatalogOptions catalog;
  std::string of;
  bool all = false;
};

/// Those that `name` calls, a volume, set or session; all without a name.
Result<std::vector<const catalog::Session*>> SessionsCalled(const catalog::Inventory& inventory,
                                                            const std::string& name) {
  std::vector<const catalog::Session*> sessions;
  if (name.empty()) {
    for (const catalog::Session& session : inventory.sessions()) sessions.push_back(&session);
    return sessions;
  }
  auto volumes = FindNamedSet(inventory, name);
  if (volumes.ok()) return inventory.SessionsOf(*volumes);
  if (!SplitNumber(name, ':')) return volumes.status();
  return FindNamedSession(inventory, name);
}

ExitStatus RunCatalogPolicy(const CatalogPolicyOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  const auto sessions = SessionsCalled(opened->inventory, options.of);
  if (!sessions.ok()) return run.Fail(sessions.status());
  auto policies = opened->store->Policies();
  if (!policies.ok()) return run.Fail(policies.status());
  bool found = false;
  for (const catalog::Session* session : *sessions) {
    const auto policy =
        std::ranges::find(*policies, session->key, &catalog::SessionPolicy::session);
    if (policy == policies->end()) continue;
    found = true;
    PolicyOrigin origin{opened->names.Of(*session), {}};
    PutName(origin.fields, "volume", opened->names.Of(opened->inventory.VolumeOf(*session)));
    origin.fields["session"] = session->number;
    ShowPolicy({session->number, policy->manifest, {}}, origin, options.all, run);
  }
  if (!found) run.Complain("no session has a policy", kExitWarnings);
  return run.Finish();
}

}  // namespace

Command AddCatalogPolicy(CLI::App& catalog) {
  auto options = std::make_shared<CatalogPolicyOptions>();
  CLI::App* app = AddCatalogAction(
      catalog, "policy", "What Windows said about backups, session by session", options->catalog);
  AddText(*app, "OF", options->of, "A volume, set or session (VOLUME:N); all unless given");
  app->add_flag("--all", options->all, "Values that were not there, too, with what applied then");
  app->footer(kCatalogPolicyExamples);
  return {app, [options] { return RunCatalogPolicy(*options); }};
}

}  // namespace tapir::cli
