#include "tools/tape.h"

#include <memory>
#include <utility>

namespace tapir::cli {

namespace {

constexpr const char* kTapeExamples =
    "DEVICE is vtape:PATH (a virtual tape), /dev/nstN, sg:/dev/sgN or "
    "iscsi://HOST[:PORT]/IQN/LUN.\n"
    "Actions that would destroy what is on a medium refuse, naming it; --overwrite-existing with\n"
    "that name allows it.\n"
    "\n"
    "Examples:\n"
    "  tapir tape status vtape:backup.tap\n"
    "  tapir tape status --model vtape:backup.tap\n"
    "  tapir tape space vtape:backup.tap 2 --unit filemarks\n"
    "  tapir tape copy vtape:backup.tap vtape:twin.tap\n";

}  // namespace

CLI::App* AddTapeAction(CLI::App& tape, const std::string& name, const std::string& description,
                        TapeOptions& options) {
  CLI::App* app = tape.add_subcommand(name, description);
  app->add_option("DEVICE", options.common.volume, "The drive")->required()->type_name("");
  app->add_flag("--json", options.common.json, "Print JSON, one object per line");
  return app;
}

void AddPermission(CLI::App& app, TapeOptions& options) {
  app.add_option("--overwrite-existing", options.overwrite_existing,
                 "Destroy what the medium holds: its label, its UUID, or the kind of data")
      ->type_name("WHAT");
}

Command AddTape(CLI::App& root) {
  CLI::App* tape = root.add_subcommand("tape", "Drives and their media: status, movement, copies");
  tape->require_subcommand(1);
  tape->footer(kTapeExamples);
  auto actions = std::make_shared<std::vector<Command>>();
  for (Command (*add)(CLI::App&) : {AddTapeStatus, AddTapeCopy, AddTapeDevices}) {
    actions->push_back(add(*tape));
  }
  for (std::vector<Command> (*add)(CLI::App&) : {AddTapePreparations, AddTapeMovements}) {
    for (Command& action : add(*tape)) actions->push_back(std::move(action));
  }
  return {tape, [actions] {
            for (const Command& action : *actions) {
              if (action.app->parsed()) return action.run();
            }
            return kExitUsage;
          }};
}

}  // namespace tapir::cli
