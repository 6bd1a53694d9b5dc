#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <span>
#include <string>

#include "tapir/jobs/export_job.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/json.h"
#include "tools/output.h"
#include "tools/signals.h"
#include "tools/size_text.h"
#include "tools/volume_asking.h"

namespace tapir::cli {

namespace {

constexpr const char* kExportExamples =
    "Gives objects of Windows volumes in the form that Windows' own calls take back. An export\n"
    "appears when its contents are proven; until then they lie in $TMPDIR, else /tmp.\n"
    "\n"
    "Examples:\n"
    "  tapir export disks.tapir --as efs-raw -C exports\n"
    "  tapir export disks.tapir --as efs-raw Users/ann/report.doc -o report.efsraw\n"
    "  tapir export disks.tapir --as backup-stream Users/ann/letter.txt > letter.bks\n";

struct ExportOptions {
  CommonOptions common;
  ExportRequest request;
  std::string next_command;
};

Json AsObject(const ExportReport& report) {
  return Json{{"exported", report.exported},
              {"export_bytes", report.export_bytes},
              {"without_form", report.without_form},
              {"passed_over", report.passed_over},
              {"kept", report.kept},
              {"damaged", report.reading.damaged},
              {"failed", report.failed},
              {"continued", report.reading.continued},
              {"unreadable_when_archived", report.reading.unreadable_when_archived},
              {"unmatched_patterns", report.reading.unmatched_patterns},
              {"torn", report.reading.torn},
              {"unsupported_sessions", report.reading.unsupported_sessions},
              {"interrupted", report.reading.interrupted}};
}

std::string Summary(const ExportReport& report) {
  std::string text = fmt::format("exported {}, {}\n", Counted(report.exported, "object"),
                                 FormatSize(report.export_bytes));
  const auto add = [&text](uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("  {} {}\n", FormatCount(count), what);
  };
  add(report.without_form, "NOT exported: they have no such form, or the target cannot hold it");
  add(report.passed_over, "directories passed over: they are not encrypted");
  add(report.kept, "left as it was: something is there already (--overwrite replaces it)");
  add(report.reading.damaged, "NOT exported: damaged on the volume");
  add(report.failed, "NOT exported: could not be made or written");
  add(report.reading.continued, "NOT exported: not all of them is on this volume");
  add(report.reading.unreadable_when_archived, "NOT exported: could not be read when archived");
  return text;
}

void RaiseByReport(const ExportReport& report, CommandRun& run) {
  const RestoreReport& reading = report.reading;
  const uint64_t left_out =
      report.without_form + report.kept + reading.continued + reading.unreadable_when_archived;
  if (left_out > 0 || report.exported == 0) run.Raise(kExitWarnings);
  if (reading.damaged > 0) run.Raise(kExitDamage);
  if (report.failed > 0) run.Raise(kExitFailure);
  if (reading.interrupted) run.Complain("interrupted", kExitInterrupted);
}

Status WriteToStandardOutput(std::span<const std::byte> bytes) {
  const int error =
      WriteAll(STDOUT_FILENO, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return error == 0 ? OkStatus() : Status::FromErrno(error, "cannot write to standard output");
}

void TakeOutput(ExportRequest& request) {
  const bool to_output = request.directory.empty() && (request.file.empty() || request.file == "-");
  if (!to_output) return;
  if (::isatty(STDOUT_FILENO) != 0) {
    throw CLI::ValidationError("-o", "an export is not for a terminal: give -o FILE or -C DIR");
  }
  request.file.clear();
  request.output = WriteToStandardOutput;
}

ExitStatus RunExport(ExportOptions& options) {
  ExportRequest& request = options.request;
  TakeOutput(request);
  CommandRun run(options.common, request.output ? CommandRun::Results::kStandardError
                                                : CommandRun::Results::kStandardOutput);
  request.volume = options.common.volume;
  request.reporter = &run.reporter();
  request.progress = &run.progress();
  request.cancelled = &StopRequested();
  request.selection.find_volume = AskForVolumesToRead(options.next_command, run);

  run.StartProgress(ProgressMeasure::kContent);
  const auto report = ExportObjects(request);
  if (!report.ok()) return run.Fail(report.status());
  run.StopProgress();
  RaiseByReport(*report, run);
  run.ReportGaps(report->reading, request.selection);
  if (run.json()) run.out().Append(ToLine(AsObject(*report)));
  if (run.wants_summary()) run.out().Append(Summary(*report));
  return run.Finish();
}

}  // namespace

Command AddExport(CLI::App& root) {
  auto options = std::make_shared<ExportOptions>();
  ExportRequest& request = options->request;
  CLI::App* app =
      AddCommand(root, "export", "Give objects in forms that Windows takes back", options->common);
  AddSelection(*app, request.selection, false);
  app->add_option_function<std::string>(
         "--as",
         [&request](const std::string& name) {
           request.form = name == "efs-raw" ? ExportForm::kEfsRaw : ExportForm::kBackupStream;
         },
         "efs-raw: of encrypted ones, for WriteEncryptedFileRaw; backup-stream: of others, for "
         "BackupWrite")
      ->required()
      ->type_name("efs-raw|backup-stream")
      ->check(CLI::IsMember({"efs-raw", "backup-stream"}));
  CLI::Option* file = app->add_option("-o,--output", request.file,
                                      "The export of the only object; - and nothing given: "
                                      "standard output")
                          ->type_name("FILE");
  app->add_option("-C,--directory", request.directory,
                  "Exports of any number, as DIR/PATH.efsraw or DIR/PATH.bks; made if missing")
      ->type_name("DIR")
      ->excludes(file);
  app->add_flag("--overwrite", request.overwrite, "Replace what is in the way");
  AddNextCommand(*app, options->next_command);
  AddThreads(*app, request.threads);
  AddQuiet(*app, options->common);
  app->footer(kExportExamples);
  return {app, [options] { return RunExport(*options); }};
}

}  // namespace tapir::cli
