#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/device/open_device.h"
#include "tapir/jobs/tape_job.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/signals.h"
#include "tools/size_text.h"
#include "tools/tape.h"

namespace tapir::cli {

namespace {

struct CopyOptions : TapeOptions {
  std::string target;
};

void PrintReport(CommandRun& run, const TapeCopyReport& report) {
  if (run.json()) {
    for (const auto& place : report.unreadable) {
      run.out().Append(ToLine({{"unreadable", place.object}, {"text", place.text}}));
    }
    run.out().Append(ToLine({{"blocks", report.blocks},
                             {"bytes", report.bytes},
                             {"filemarks", report.filemarks},
                             {"setmarks", report.setmarks},
                             {"unreadable", report.unreadable.size()}}));
    return;
  }
  for (const auto& place : report.unreadable) {
    run.out().Append(fmt::format("not copied: block {}: {}\n", place.object, SafeText(place.text)));
  }
  if (!run.wants_summary()) return;
  run.out().Append(fmt::format("copied {}, {}, and {}\n", Counted(report.blocks, "block"),
                               FormatSize(report.bytes),
                               Counted(report.filemarks + report.setmarks, "mark")));
}

ExitStatus RunCopy(const CopyOptions& options) {
  CommandRun run(options.common);
  const auto from = OpenTapeDrive(options.common.volume);
  if (!from.ok()) return run.Fail(from.status());
  const auto to = OpenTapeDrive(options.target, true);
  if (!to.ok()) return run.Fail(to.status());
  run.StartProgress(ProgressMeasure::kVolume);
  TapeCopyOptions copy;
  copy.overwrite_existing = options.overwrite_existing;
  copy.progress = &run.progress();
  copy.cancelled = &StopRequested();
  const auto report = CopyTape(**from, **to, copy);
  run.StopProgress();
  if (!report.ok()) return run.Fail(report.status());
  PrintReport(run, *report);
  if (!report->unreadable.empty()) run.Raise(kExitDamage);
  return run.Finish();
}

}  // namespace

Command AddTapeCopy(CLI::App& tape) {
  auto options = std::make_shared<CopyOptions>();
  CLI::App* app = AddTapeAction(
      tape, "copy", "Copy a medium of any format, with its block sizes and marks", *options);
  app->add_option("TARGET", options->target, "The other drive, its medium blank")
      ->required()
      ->type_name("");
  AddQuiet(*app, options->common);
  AddPermission(*app, *options);
  return {app, [options] { return RunCopy(*options); }};
}

}  // namespace tapir::cli
