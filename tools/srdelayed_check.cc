#include <fmt/format.h>

#include <memory>

#include "tapir/jobs/delayed_run.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/signals.h"
#include "tools/size_text.h"
#include "tools/srdelayed.h"

namespace tapir::cli {

namespace {

struct Checked {
  uint64_t records = 0;
  uint64_t done = 0;
  uint64_t failed = 0;
  bool malformed = false;
};

void ShowRecord(uint64_t number, uint64_t offset, const DelayedOperation& operation,
                CommandRun& run) {
  if (run.json()) {
    run.out().Append(ToLine(OperationAsObject(number, offset, operation)));
  } else if (!run.quiet()) {
    run.out().Append(fmt::format("{}  offset {}: {}: {}\n", number, offset,
                                 OperationAsText(operation), StatusAsText(operation)));
  }
}

void ShowFinding(const Finding& finding, CommandRun& run) {
  const bool rejects = finding.severity == Severity::kReject;
  run.Raise(rejects ? kExitDamage : kExitWarnings);
  const char* kind = rejects ? "malformed" : "warning";
  if (run.json()) {
    run.out().Append(
        ToLine(Json{{"kind", kind}, {"offset", finding.offset}, {"text", finding.text}}));
  } else {
    run.out().Append(
        fmt::format("{}: offset {}: {}\n", kind, finding.offset, SafeText(finding.text)));
  }
}

std::string CheckSummary(const Checked& checked) {
  return fmt::format("{}: {} done, {} failed, {} not executed{}\n",
                     Counted(checked.records, "operation"), FormatCount(checked.done),
                     FormatCount(checked.failed),
                     FormatCount(checked.records - checked.done - checked.failed),
                     checked.malformed ? "; malformed: nothing of it would be carried out" : "");
}

ExitStatus RunCheck(const CommonOptions& common) {
  CommandRun run(common);
  const auto file = OpenDelayedFile(common.volume, false);
  if (!file.ok()) return run.Fail(file.status());
  Checked checked;
  const Status read = ReadDelayedOperations(
      **file,
      [&](const DelayedOperation& operation, const DelayedOperationsReader& reader) {
        ++checked.records;
        if (operation.status == 0) ++checked.done;
        if (operation.status.value_or(0) != 0) ++checked.failed;
        ShowRecord(checked.records, reader.operation_offset(), operation, run);
      },
      [&](const Finding& finding) {
        checked.malformed |= finding.severity == Severity::kReject;
        ShowFinding(finding, run);
      },
      [&] { return StopRequested().load() || !run.out().status().ok(); });
  if (!read.ok()) return run.Fail(read);
  if (StopRequested().load()) return run.Fail(Cancelled("interrupted"));
  if (checked.failed > 0) run.Raise(kExitWarnings);
  if (run.wants_summary()) run.out().Append(CheckSummary(checked));
  return run.Finish();
}

}  // namespace

Command AddSrdelayedCheck(CLI::App& srdelayed) {
  auto common = std::make_shared<CommonOptions>();
  CLI::App* app =
      srdelayed.add_subcommand("check", "Show each operation of a file, and what is wrong with it");
  app->add_option("FILE", common->volume, "The file of operations")->required()->type_name("");
  app->add_flag("--json", common->json, "Print JSON, one object per line");
  AddQuiet(*app, *common);
  return {app, [common] { return RunCheck(*common); }};
}

}  // namespace tapir::cli
