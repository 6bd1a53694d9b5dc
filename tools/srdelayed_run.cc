#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>
#include <span>
#include <utility>

#include "tapir/jobs/delayed_run.h"
#include "tapir/jobs/restore_status.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/signals.h"
#include "tools/size_text.h"
#include "tools/srdelayed.h"
#include "tools/windows_drives.h"

namespace tapir::cli {

namespace {

constexpr uint64_t kMostBytesOnDrive = uint64_t{256} << 20;

constexpr const char* kRunExamples =
    "FILE is a file here, or a path of one of the drives: then its statuses are written when the\n"
    "run ends. Operations that have a status are not carried out again, so what was interrupted\n"
    "goes on.\n"
    "\n"
    "Examples:\n"
    "  tapir srdelayed run DelayedOperations --drive C:=ntfs:disk.img --dry-run\n"
    "  tapir srdelayed run 'C:\\DelayedOperations' --drive C:=ntfs:disk.img#2 --drive D:=/mnt/d\n";

struct RunOptions {
  CommonOptions common;  ///< `volume` is the file
  std::vector<std::string> drives;
  bool dry_run = false;
  bool no_status = false;
};

/// The file of operations, here or on one of the drives.
class OperationsFile {
 public:
  Status Open(const RunOptions& options, const WindowsDrives& drives) {
    const std::string& name = options.common.volume;
    const DelayedPathParts parts = SplitDelayedPath(name);
    struct stat info = {};
    on_drive_ = ::lstat(name.c_str(), &info) != 0 ? drives.Find(parts.volume) : nullptr;
    if (on_drive_ == nullptr) {
      TAPIR_ASSIGN_OR_RETURN(file_, OpenDelayedFile(name, !options.dry_run));
      return OkStatus();
    }
    path_ = parts.path;
    TAPIR_ASSIGN_OR_RETURN(std::string bytes, on_drive_->Read(path_, kMostBytesOnDrive));
    auto in_memory = std::make_unique<DelayedBytes>(std::move(bytes));
    in_memory_ = in_memory.get();
    file_ = std::move(in_memory);
    return OkStatus();
  }

  DelayedFile& file() { return *file_; }
  /// Before the drives are finished.
  Status WriteBack() {
    if (on_drive_ == nullptr) return OkStatus();
    return on_drive_->Write(path_, std::as_bytes(std::span(in_memory_->bytes())));
  }

 private:
  std::unique_ptr<DelayedFile> file_;
  VolumeFiles* on_drive_ = nullptr;
  std::string path_;
  const DelayedBytes* in_memory_ = nullptr;
};

const char* OutcomeWord(DelayedOutcome outcome, bool dry_run) {
  switch (outcome) {
    case DelayedOutcome::kDone: return dry_run ? "would be done" : "done";
    case DelayedOutcome::kFailed: return dry_run ? "would fail" : "failed";
    case DelayedOutcome::kEarlier: return "earlier";
    case DelayedOutcome::kNotReached: break;
  }
  return "not reached";
}

void ShowOutcome(const DelayedRecord& record, bool dry_run, CommandRun& run) {
  const char* word = OutcomeWord(record.outcome, dry_run);
  if (run.json()) {
    Json object = OperationAsObject(record.number, record.offset_bytes, record.operation);
    object["outcome"] = word;
    if (!record.why.empty()) object["why"] = record.why;
    run.out().Append(ToLine(object));
    return;
  }
  const bool failed = record.outcome == DelayedOutcome::kFailed;
  if (run.quiet() && !failed) return;
  std::string text =
      fmt::format("{}  {}: {}", record.number, OperationAsText(record.operation), word);
  if (record.outcome == DelayedOutcome::kFailed || record.outcome == DelayedOutcome::kEarlier) {
    text += ", " + StatusAsText(record.operation);
  }
  if (failed) text += ": " + SafeText(record.why);
  if (run.quiet()) return run.Complain("record " + text, kExitWarnings);
  run.out().Append(text + "\n");
}

Json ReportAsObject(const DelayedRunReport& report) {
  return Json{{"done", report.done},
              {"failed", report.failed},
              {"earlier", report.earlier},
              {"not_reached", report.not_reached},
              {"stopped", report.stopped},
              {"interrupted", report.interrupted},
              {"restore_status_result", report.restore_status_result},
              {"restore_status_details", report.restore_status_details}};
}

std::string RunSummary(const DelayedRunReport& report, bool dry_run) {
  std::string text = fmt::format("{}{} done, {} failed", dry_run ? "would be: " : "",
                                 FormatCount(report.done), FormatCount(report.failed));
  if (report.earlier > 0) text += fmt::format(", {} done earlier", FormatCount(report.earlier));
  if (report.not_reached > 0)
    text += fmt::format(", {} not reached", FormatCount(report.not_reached));
  text += fmt::format("\nRestoreStatusResult {}", report.restore_status_result);
  if (report.restore_status_details != 0) {
    text += fmt::format(", RestoreStatusDetails 0x{:08X}", report.restore_status_details);
  }
  return text + "\n";
}

Status CheckDrives(OperationsFile& operations, const WindowsDrives& drives) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                         MissingDelayedVolumes(operations.file(), drives.by_name()));
  if (missing.empty()) return OkStatus();
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  const std::string& first = missing.front();
  return InvalidArgument("no --drive says where " + names + " is: give --drive " + first +
                         "=DIR or --drive " + first + "=ntfs:IMAGE");
}

/// Where the numbers for the registry belong: the first drive that holds Windows.
Status WriteStatus(const std::vector<std::string>& places, const DelayedRunReport& report,
                   CommandRun& run) {
  for (const std::string& place : places) {
    const Result<bool> written = WriteRestoreStatus(
        [&place](bool writable) { return OpenPlace(place, writable); },
        report.restore_status_result, report.restore_status_details, Ambient::System());
    if (!written.ok()) return written.status().Annotate("RestoreStatusResult on " + Quoted(place));
    if (!*written) continue;
    run.reporter().Report(NoticeKind::kNote, place, "RestoreStatusResult is in its registry");
    break;
  }
  return OkStatus();
}

/// `places` gets those of the drives, which are closed when this returns.
Result<DelayedRunReport> CarryOut(const RunOptions& options, std::vector<std::string>& places,
                                  CommandRun& run) {
  TAPIR_ASSIGN_OR_RETURN(WindowsDrives drives,
                         WindowsDrives::Open(options.drives, !options.dry_run));
  places = drives.places();
  OperationsFile operations;
  TAPIR_RETURN_IF_ERROR(operations.Open(options, drives));
  const std::string name = Quoted(options.common.volume);
  const Status known = CheckDrives(operations, drives);
  if (!known.ok()) return known.Annotate(name);
  DelayedRunRequest request;
  request.file = &operations.file();
  request.volumes = drives.by_name();
  request.dry_run = options.dry_run;
  request.cancelled = &StopRequested();
  request.on_record = [&](const DelayedRecord& record) {
    ShowOutcome(record, options.dry_run, run);
  };
  Result<DelayedRunReport> report = RunDelayedOperations(request);
  if (options.dry_run) return report;
  // What was done is done, whatever came of the rest.
  const Status written = operations.WriteBack().Annotate("statuses of " + name);
  const Status finished = drives.Finish();
  const Status synced = operations.file().Sync();
  if (!report.ok()) return report.status().Annotate(name);
  TAPIR_RETURN_IF_ERROR(finished);
  TAPIR_RETURN_IF_ERROR(written);
  TAPIR_RETURN_IF_ERROR(synced);
  return report;
}

ExitStatus RunRun(const RunOptions& options) {
  CommandRun run(options.common);
  std::vector<std::string> places;
  const Result<DelayedRunReport> report = CarryOut(options, places, run);
  if (!report.ok()) return run.Fail(report.status());
  if (report->restore_status_result != 0) run.Raise(kExitWarnings);
  if (report->device_failed) run.Raise(kExitFailure);
  if (run.json()) run.out().Append(ToLine(ReportAsObject(*report)));
  if (run.wants_summary()) run.out().Append(RunSummary(*report, options.dry_run));
  if (!options.dry_run && !options.no_status && !report->interrupted) {
    const Status written = WriteStatus(places, *report, run);
    if (!written.ok()) return run.Fail(written);
  }
  if (report->interrupted) {
    run.Complain("interrupted; the same command goes on with the rest", kExitInterrupted);
  }
  return run.Finish();
}

}  // namespace

Command AddSrdelayedRun(CLI::App& srdelayed) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* app =
      srdelayed.add_subcommand("run", "Carry out a file of operations, without Windows");
  app->add_option("FILE", options->common.volume, "The file of operations; gets their statuses")
      ->required()
      ->type_name("");
  AddStrings(*app, "--drive", options->drives,
             "Where a volume is, C: or Volume{GUID}: a directory or ntfs:IMAGE; may be repeated")
      ->type_name("NAME=PLACE");
  app->add_flag("--dry-run", options->dry_run, "Change nothing; say what would come of it");
  app->add_flag("--no-status", options->no_status,
                "Leave RestoreStatusResult in the registry of the drive with Windows as it is");
  app->add_flag("--json", options->common.json, "Print JSON, one object per line");
  AddQuiet(*app, options->common);
  app->footer(kRunExamples);
  return {app, [options] { return RunRun(*options); }};
}

}  // namespace tapir::cli
