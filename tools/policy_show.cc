#include <memory>
#include <string>
#include <vector>

#include "tools/command_run.h"
#include "tools/damage_text.h"
#include "tools/policy.h"
#include "tools/policy_place.h"
#include "tools/policy_report.h"

namespace tapir::cli {

namespace {

constexpr const char* kShowExamples =
    "Several hives are read together; logs beside them (.LOG, .LOG1, .LOG2) bring them up to "
    "date.\n"
    "\n"
    "Examples:\n"
    "  tapir policy show SYSTEM SOFTWARE\n"
    "  tapir policy show export.reg\n"
    "  tapir policy show ntfs:disk.img#2 --all\n"
    "  tapir policy show disks.tapir\n";

struct ShowOptions {
  CommonOptions common;
  std::vector<std::string> places;
  PolicyArguments arguments;
  bool all = false;
};

ExitStatus RunShow(const ShowOptions& options) {
  CommandRun run(options.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  std::vector<Damage> damages;
  const auto policies = ReadNamedPolicies(options.places, options.arguments, damages);
  if (!policies.ok()) return run.Fail(policies.status());
  if (policies->empty()) run.Complain("no session has a policy", kExitWarnings);
  for (const SessionPolicy& policy : *policies) {
    PolicyOrigin origin;
    if (policy.session_number != 0) {
      origin = {std::to_string(policy.session_number), {{"session", policy.session_number}}};
    }
    ShowPolicy(policy, origin, options.all, run);
  }
  for (const Damage& damage : damages) {
    run.reporter().Report(NoticeKind::kDamage, {}, DamageAsText(damage));
  }
  return run.Finish();
}

}  // namespace

Command AddPolicyShow(CLI::App& policy) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* app =
      policy.add_subcommand("show", "Everything found, and the entries that are made of it");
  AddStrings(*app, "PLACE", options->places,
             "Hives, .reg exports, lists of rules, directories or ntfs:IMAGE with a Windows, or "
             "volumes")
      ->required();
  app->add_flag("--all", options->all, "Values that are not there, too, with what applies then");
  app->add_flag("--json", options->common.json, "Print JSON, one object per line");
  AddPolicyReading(*app, options->arguments);
  app->footer(kShowExamples);
  return {app, [options] { return RunShow(*options); }};
}

}  // namespace tapir::cli
