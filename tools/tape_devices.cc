#include <fmt/format.h>

#include <memory>

#include "tapir/device/tape_devices.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/table.h"
#include "tools/tape.h"

namespace tapir::cli {

namespace {

ExitStatus RunDevices(const CommonOptions& common) {
  CommandRun run(common);
  const auto devices = FindTapeDevices("/sys");
  Table table({{"device"}, {"sg"}, {"vendor"}, {"product"}, {"revision"}});
  for (const FoundTapeDevice& device : devices) {
    if (run.json()) {
      run.out().Append(ToLine({{"device", device.path},
                               {"sg", device.sg_path},
                               {"vendor", device.vendor},
                               {"product", device.product},
                               {"revision", device.revision}}));
    } else {
      table.Add({SafeText(device.path), SafeText(device.sg_path), SafeText(device.vendor),
                 SafeText(device.product), SafeText(device.revision)});
    }
  }
  if (!run.json()) run.out().Append(devices.empty() ? "no tape drive found\n" : table.ToString());
  return run.Finish();
}

}  // namespace

Command AddTapeDevices(CLI::App& tape) {
  auto common = std::make_shared<CommonOptions>();
  CLI::App* app = tape.add_subcommand("list-devices", "List the tape drives of this machine");
  app->add_flag("--json", common->json, "Print JSON, one object per line");
  return {app, [common] { return RunDevices(*common); }};
}

}  // namespace tapir::cli
