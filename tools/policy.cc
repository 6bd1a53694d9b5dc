#include "tools/policy.h"

#include <memory>
#include <utility>

namespace tapir::cli {

namespace {

constexpr const char* kPolicyExamples =
    "Examples:\n"
    "  tapir policy show /mnt/c/Windows/System32/config/SYSTEM\n"
    "  tapir policy show disks.tapir --json\n"
    "  tapir policy check ntfs:c.img 'C:\\pagefile.sys' 'C:\\Users\\ann\\a.ost'\n"
    "  tapir policy set SYSTEM MaxShadowCopies 128\n"
    "  tapir policy set SYSTEM 'FilesNotToBackup\\Scratch' 'D:\\Scratch\\* /s'\n";

}  // namespace

Command AddPolicy(CLI::App& root) {
  CLI::App* policy = root.add_subcommand(
      "policy", "What the registry of Windows says of backups: show, check, set");
  policy->require_subcommand(1);
  policy->footer(kPolicyExamples);
  auto actions = std::make_shared<std::vector<Command>>();
  for (Command (*add)(CLI::App&) : {AddPolicyShow, AddPolicyCheck, AddPolicySet}) {
    actions->push_back(add(*policy));
  }
  return {policy, [actions] {
            for (const Command& action : *actions) {
              if (action.app->parsed()) return action.run();
            }
            return kExitUsage;
          }};
}

}  // namespace tapir::cli
