#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "tapir/jobs/restore_job.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/json.h"
#include "tools/restore_options.h"
#include "tools/signals.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kSalvageExamples =
    "For volumes whose index, label or end is gone. Takes what can still be read of all sessions; "
    "a\n"
    "file that is not complete is named and kept as NAME.tapir-partial.\n"
    "\n"
    "Examples:\n"
    "  tapir salvage broken.tapir -C /tmp/rescued\n"
    "  tapir salvage broken.tapir -C /tmp/rescued 'photos/2026'\n";

struct SalvageOptions {
  CommonOptions common;
  std::vector<std::string> patterns;
  PosixTargetOptions target;
  bool no_owner = false;
  unsigned threads = 1;
};

Json AsObject(const SalvageReport& report) {
  return Json{{"complete", report.complete},
              {"partial", report.partial},
              {"failed", report.failed},
              {"damages", report.damages},
              {"content_bytes", report.content_bytes},
              {"interrupted", report.interrupted}};
}

std::string Summary(const SalvageReport& report) {
  std::string text = fmt::format("salvaged {}, {}\n", Counted(report.complete, "complete object"),
                                 FormatSize(report.content_bytes));
  if (report.partial > 0) {
    text +=
        fmt::format("  {} kept in part, as NAME.tapir-partial\n", Counted(report.partial, "file"));
  }
  if (report.damages > 0) {
    text += fmt::format("  {} met on the volume\n", Counted(report.damages, "damage"));
  }
  if (report.failed > 0) {
    text += fmt::format("  {} could not be written\n", Counted(report.failed, "object"));
  }
  return text;
}

ExitStatus RunSalvage(SalvageOptions& options) {
  CommandRun run(options.common);
  options.target.set_owner = !options.no_owner;
  options.target.reporter = &run.reporter();
  run.StartProgress(ProgressMeasure::kVolume);
  const auto report = Salvage(options.common.volume, options.patterns, options.target,
                              options.threads, &run.progress(), &StopRequested());
  if (!report.ok()) return run.Fail(report.status());
  run.StopProgress();
  if (report->partial + report->damages > 0) run.Raise(kExitDamage);
  if (report->failed > 0) run.Raise(kExitFailure);
  if (report->interrupted) {
    run.Complain("interrupted; the target holds what came before", kExitInterrupted);
  }
  if (run.json()) run.out().Append(ToLine(AsObject(*report)));
  if (run.wants_summary()) run.out().Append(Summary(*report));
  return run.Finish();
}

}  // namespace

Command AddSalvage(CLI::App& root) {
  auto options = std::make_shared<SalvageOptions>();
  CLI::App* app = AddCommand(root, "salvage", "Take everything readable from a damaged volume",
                             options->common);
  AddPatterns(*app, options->patterns);
  AddTargetOptions(*app, options->target, options->no_owner);
  AddThreads(*app, options->threads);
  AddQuiet(*app, options->common);
  app->footer(kSalvageExamples);
  return {app, [options] { return RunSalvage(*options); }};
}

}  // namespace tapir::cli
