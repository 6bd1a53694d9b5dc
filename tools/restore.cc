#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/jobs/restore_job.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/comparing.h"
#include "tools/comparison.h"
#include "tools/escape.h"
#include "tools/foreign_target.h"
#include "tools/json.h"
#include "tools/policy_options.h"
#include "tools/restore_options.h"
#include "tools/signals.h"
#include "tools/sis_calls.h"
#include "tools/size_text.h"
#include "tools/system_state.h"
#include "tools/volume_asking.h"

namespace tapir::cli {

namespace {

constexpr const char* kRestoreExamples =
    "A file appears under its name when all its bytes are proven. What is in the way is kept.\n"
    "\n"
    "Examples:\n"
    "  tapir restore photos.tapir -C /tmp/back\n"
    "  tapir restore photos.tapir -C /srv --overwrite photos/2026/05\n"
    "  tapir restore photos.tapir -C /tmp/back --at '2026-05-01 12:00' '*.raw'\n"
    "  tapir restore /dev/nst0 -C /tmp/back   # the last volume of a set: asks for the others\n"
    "  tapir restore disks.tapir -C ntfs:new.img --make 20G\n"
    "  tapir restore disks.tapir -C ntfs:new.img --make 20G --sis files\n"
    "  tapir restore disks.tapir -C ntfs:windows.img --system-state --overwrite\n"
    "  ssh host 'cat photos.tapir' | tapir restore - -C /tmp/back\n";

struct RestoreOptions {
  CommonOptions common;
  RestoreRequest request;
  bool no_owner = false;
  uint64_t make_bytes = 0;
  std::string next_command;
  std::string sis_list;
  PolicyArguments policy;
  SystemStateOptions system_state;
};

Json AsObject(const RestoreReport& report) {
  return Json{{"restored", report.restored},
              {"content_bytes", report.content_bytes},
              {"kept", report.kept},
              {"damaged", report.damaged},
              {"failed", report.failed},
              {"refused", report.refused},
              {"left_out_by_policy", report.left_out},
              {"continued", report.continued},
              {"unreadable_when_archived", report.unreadable_when_archived},
              {"links_outside", report.links_outside},
              {"sis_links", report.sis_links},
              {"unresolved_sis_links", report.unresolved_links},
              {"unmatched_patterns", report.unmatched_patterns},
              {"torn", report.torn},
              {"unsupported_sessions", report.unsupported_sessions},
              {"interrupted", report.interrupted}};
}

std::string Summary(const RestoreReport& report) {
  std::string text = fmt::format("restored {}, {}\n", Counted(report.restored, "object"),
                                 FormatSize(report.content_bytes));
  const auto add = [&text](uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("  {} {}\n", FormatCount(count), what);
  };
  add(report.kept, "left as it was: something is there already (--overwrite replaces it)");
  add(report.damaged, "NOT restored: damaged on the volume");
  add(report.failed, "NOT restored: could not be written");
  add(report.refused, "NOT restored: the target cannot hold such objects");
  add(report.left_out, "left out by the policy of the volume (--policy none restores them)");
  add(report.continued, "NOT restored: not all of them is on this volume");
  add(report.unreadable_when_archived, "NOT restored: could not be read when archived");
  add(report.links_outside, "further names (hard links) of these files not restored with them");
  return text;
}

void RaiseByReport(const RestoreReport& report, CommandRun& run) {
  const uint64_t left_out =
      report.kept + report.refused + report.continued + report.unreadable_when_archived;
  if (left_out + report.unresolved_links > 0) run.Raise(kExitWarnings);
  if (report.damaged > 0) run.Raise(kExitDamage);
  if (report.failed > 0) run.Raise(kExitFailure);
  if (report.interrupted) {
    run.Complain("interrupted; the target holds what came before", kExitInterrupted);
  }
}

/// Links that only the service of the Windows that made them can read, and what it has to be told.
Status TellOfSisLinks(const RestoreOptions& options, const RestoreReport& report,
                      const SisCallList& calls, CommandRun& run) {
  if (report.sis_links == 0) return OkStatus();
  std::string list = options.sis_list;
  if (list.empty()) list = ImageFileOf(options.request.target.directory);
  if (list.empty()) list = "tapir";
  if (options.sis_list.empty()) list += ".sis.jsonl";
  TAPIR_RETURN_IF_ERROR(calls.Write(list));
  run.reporter().Report(
      NoticeKind::kNote, {},
      fmt::format("{} into the Single Instance Store restored, which Windows Server 2012 R2 and "
                  "later cannot read (--sis files); {} lists what the SIS service has to be told",
                  Counted(report.sis_links, "link"), Quoted(list)));
  return OkStatus();
}

/// What stands on an NTFS volume is read again: the driver's word for it is not enough.
Status CompareRestored(const RestoreOptions& options, const SystemStateReport& state,
                       CommandRun& run) {
  const RestoreRequest& request = options.request;
  if (!IsNtfsName(request.target.directory) || request.volume == "-") return OkStatus();
  CompareRequest comparison;
  comparison.volume = request.volume;
  comparison.selection = request.selection;
  comparison.sis = request.sis.value_or(SisForm::kLinks);
  comparison.threads = request.threads;
  comparison.is_meant = [&state](const Difference& difference) {
    return IsMeantBySystemState(state, difference);
  };
  const auto report =
      CompareWithNamed(comparison, request.target.directory, run,
                       [&](const Difference& difference) { ShowDifference(difference, run); });
  if (!report.ok()) return report.status().Annotate("comparing what was restored");
  run.Raise(ExitStatusOf(*report));
  if (run.wants_summary()) {
    run.out().Append(ComparisonSentence(request.target.directory, *report) + "\n");
  }
  return OkStatus();
}

/// As Restore; `state` is filled if a system state is asked for.
Result<RestoreReport> RestoreAsAsked(const RestoreOptions& options, SystemStateReport& state,
                                     CommandRun& run) {
  if (!options.system_state.wanted) return Restore(options.request);
  TAPIR_ASSIGN_OR_RETURN(
      state, RestoreStateAsAsked(options.system_state, options.request, options.make_bytes != 0,
                                 options.policy.drives, run));
  return state.restore;
}

ExitStatus RunRestore(RestoreOptions& options) {
  RestoreRequest& request = options.request;
  CommandRun run(options.common);
  request.volume = options.common.volume;
  request.target.set_owner = !options.no_owner;
  request.target.reporter = &run.reporter();
  request.progress = &run.progress();
  request.cancelled = &StopRequested();
  const Status chosen = TakePolicyOfSelection(options.policy, request.selection, run.reporter());
  if (!chosen.ok()) return run.Fail(chosen);
  const Status taken = TakeForeignTarget(request, options.make_bytes);
  if (!taken.ok()) return run.Fail(taken);
  request.selection.find_volume = AskForVolumesToRead(options.next_command, run);

  SisCallList sis_calls;
  request.take_sis_call = [&sis_calls](const SisCall& call) { sis_calls.Take(call); };

  run.StartProgress(ProgressMeasure::kContent);
  SystemStateReport state;
  const auto report = RestoreAsAsked(options, state, run);
  if (!report.ok()) return run.Fail(report.status());
  run.StopProgress();
  RaiseByReport(*report, run);
  run.ReportGaps(*report, request.selection);
  if (run.json()) {
    Json object = AsObject(*report);
    if (options.system_state.wanted) object["system_state"] = SystemStateAsObject(state);
    run.out().Append(ToLine(object));
  }
  if (run.wants_summary()) run.out().Append(Summary(*report) + SystemStateSummary(state));
  const Status told = TellOfSisLinks(options, *report, sis_calls, run);
  if (!told.ok()) return run.Fail(told);
  if (!report->interrupted) {
    const Status compared = CompareRestored(options, state, run);
    if (!compared.ok()) return run.Fail(compared);
  }
  return run.Finish();
}

}  // namespace

Command AddRestore(CLI::App& root) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* app = AddCommand(root, "restore", "Bring files and directories back", options->common);
  AddSelection(*app, options->request.selection, false);
  AddNextCommand(*app, options->next_command);
  AddTargetOptions(*app, options->request.target, options->no_owner);
  AddSize(*app, "--make", options->make_bytes,
          "Make the NTFS volume of -C ntfs:IMAGE anew, with so many bytes");
  AddPolicyUse(*app, options->policy, "of the last session that has one (auto)");
  AddPolicyDrives(
      *app, options->policy, "PATH",
      "Where in the volume a drive of --policy FILE is; may be repeated; all is drive C "
      "unless the volume says otherwise");
  AddPolicyReading(*app, options->policy);
  AddSystemState(*app, options->system_state);
  AddSisForm(*app, options->request.sis);
  AddSisList(*app, options->sis_list);
  AddThreads(*app, options->request.threads);
  AddQuiet(*app, options->common);
  app->footer(kRestoreExamples);
  return {app, [options] { return RunRestore(*options); }};
}

}  // namespace tapir::cli
