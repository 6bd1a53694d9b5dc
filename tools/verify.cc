#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/jobs/compare_job.h"
#include "tapir/jobs/verify_job.h"
#include "tools/catalog/import.h"
#include "tools/catalog/place.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/comparing.h"
#include "tools/comparison.h"
#include "tools/damage_text.h"
#include "tools/finding_text.h"
#include "tools/json.h"
#include "tools/policy_options.h"
#include "tools/report_file.h"
#include "tools/restore_options.h"
#include "tools/signals.h"
#include "tools/verdict.h"
#include "tools/volume_asking.h"

namespace tapir::cli {

namespace {

constexpr const char* kVerifyExamples =
    "The first sentence is the verdict, the lines below it say what was read, what that proves, "
    "and\n"
    "where each damage is. A PATTERN limits --against.\n"
    "\n"
    "Examples:\n"
    "  tapir verify photos.tapir\n"
    "  tapir verify photos.tapir --level blocks\n"
    "  tapir verify photos.tapir --json --report photos.json\n"
    "  tapir verify photos.tapir --against /srv\n"
    "  tapir verify photos.tapir --catalog\n";

struct VerifyOptions {
  CommonOptions common;
  VerifyLevel level = VerifyLevel::kContent;
  std::string against;
  PolicyArguments policy;
  std::string report_file;
  Selection selection;
  std::optional<SisForm> sis;
  std::string next_command;
  std::optional<std::string> catalog;  ///< as AddCatalogUse
  unsigned threads = 1;
};

ExitStatus WriteReport(const VerifyOptions& options, const Json& document, CommandRun& run) {
  if (!options.report_file.empty()) {
    const std::string text = document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    if (Status status = WriteReportFile(options.report_file, text); !status.ok()) {
      return run.Fail(status);
    }
  }
  return run.Finish();
}

/// Verifies one volume and says so; its verdict for the report is put into `document`, and into the
/// catalogue if there is one.
Result<VolumeJoints> VerifyOne(const VerifyOptions& options, const std::string& volume,
                               catalog::Store* store, CommandRun& run, Json& document) {
  VerifyRequest request;
  request.volume = volume;
  request.level = options.level;
  request.only_session = options.selection.session_number;
  request.threads = options.threads;
  request.progress = &run.progress();
  request.cancelled = &StopRequested();

  run.StartProgress(ProgressMeasure::kVolume);
  const auto report = VerifyVolume(request, [&run](const Damage& damage) {
    if (!run.json()) return;
    run.out().Append(ToLine(DamageAsObject(damage)));
    run.out().Flush();
  });
  run.StopProgress();
  if (!report.ok()) return report.status();
  Json verdict = VerdictAsObject(request, *report);
  if (run.json()) {
    for (const FormatFinding& found : report->findings) {
      run.out().Append(ToLine(FindingAsObject(found)));
    }
    run.out().Append(ToLine(verdict));
  } else if (!run.quiet() || report->verdict != Verdict::kIntact) {
    run.out().Append(VerdictAsText(request, *report));
  }
  run.Raise(ExitStatusOf(*report));
  if (store != nullptr) {
    const Status kept = RecordVerification(*store, request, *report, run);
    if (!kept.ok()) run.Complain(kept.message(), ExitStatusOf(kept));
  }
  verdict["faults"] = Json::array();
  for (const Damage& damage : report->damages) verdict["faults"].push_back(DamageAsObject(damage));
  verdict["notes"] = Json::array();
  for (const FormatFinding& found : report->findings) {
    verdict["notes"].push_back(FindingAsObject(found));
  }
  document = std::move(verdict);
  return report->joints;
}

/// The name of the volume on which the session goes on, if a command can make it ready.
std::optional<std::string> FetchNext(const VolumeJoints& joints, const VolumeSource& fetch,
                                     CommandRun& run) {
  if (!joints.goes_on || !fetch) return std::nullopt;
  VolumeWanted wanted{joints.sequence + 1, joints.set_label, joints.set_uuid, {}, true};
  for (;;) {
    Result<std::string> name = fetch(wanted);
    if (!name.ok()) {
      run.Complain(name.status().message(), kExitWarnings);
      return std::nullopt;
    }
    Status follows = CheckFollows(joints, *name);
    if (follows.ok()) return *name;
    wanted.refused = std::move(follows).Annotate(*name).message();
  }
}

ExitStatus VerifyAlone(const VerifyOptions& options, CommandRun& run) {
  const std::vector<std::string>& next = options.selection.next_volumes;
  if (!next.empty()) {
    Status of_set = CheckVolumeSet(options.common.volume, next);
    if (!of_set.ok()) return run.Fail(of_set);
  }
  std::unique_ptr<catalog::Store> store;
  if (options.catalog) {
    auto opened = OpenCatalog(*options.catalog, catalog::StoreUse::kWrite);
    if (!opened.ok()) return run.Fail(opened.status());
    store = *std::move(opened);
  }
  VolumeSource fetch;
  if (!options.next_command.empty()) fetch = AskForVolumesToRead(options.next_command, run);
  Json all = Json::array();
  std::optional<VolumeJoints> before;
  std::optional<std::string> volume = options.common.volume;
  while (volume && !StopRequested()) {
    Json document;
    Result<VolumeJoints> joints = VerifyOne(options, *volume, store.get(), run, document);
    if (!joints.ok()) return run.Fail(joints.status());
    const std::string fault = before ? JoinFault(*before, *joints) : "";
    if (!fault.empty()) run.Complain(fault, kExitDamage);
    all.push_back(std::move(document));
    before = *std::move(joints);
    volume = all.size() <= next.size() ? std::optional(next[all.size() - 1])
                                       : FetchNext(*before, fetch, run);
  }
  if (all.size() == 1) return WriteReport(options, all.front(), run);
  return WriteReport(options, Json{{"volumes", all}}, run);
}

ExitStatus VerifyAgainst(const VerifyOptions& options, CommandRun& run) {
  Json differences = Json::array();
  CompareRequest request;
  request.volume = options.common.volume;
  request.selection = options.selection;
  request.sis = options.sis.value_or(SisForm::kLinks);
  request.threads = options.threads;
  const Status chosen = TakePolicyOfSelection(options.policy, request.selection, run.reporter());
  if (!chosen.ok()) return run.Fail(chosen);
  request.selection.find_volume = AskForVolumesToRead(options.next_command, run);
  run.StartProgress(ProgressMeasure::kContent);
  const auto report =
      CompareWithNamed(request, options.against, run, [&](const Difference& difference) {
        if (!options.report_file.empty()) differences.push_back(DifferenceAsObject(difference));
        ShowDifference(difference, run);
      });
  if (!report.ok()) return run.Fail(report.status());
  run.StopProgress();
  Json verdict = ComparisonAsObject(options.common.volume, options.against, *report);
  if (run.json()) {
    run.out().Append(ToLine(verdict));
  } else if (run.wants_summary() || report->equal != report->compared) {
    run.out().Append(ComparisonSentence(options.against, *report) + "\n");
  }
  run.Raise(ExitStatusOf(*report));
  verdict["faults"] = std::move(differences);
  return WriteReport(options, verdict, run);
}

ExitStatus RunVerify(const VerifyOptions& options) {
  if (options.against.empty() && !options.selection.patterns.empty()) {
    throw CLI::ValidationError("PATTERN", "it limits --against; a volume is verified as a whole");
  }
  CommandRun run(options.common);
  return options.against.empty() ? VerifyAlone(options, run) : VerifyAgainst(options, run);
}

}  // namespace

Command AddVerify(CLI::App& root) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* app =
      AddCommand(root, "verify", "Prove that every byte is still there", options->common);
  AddPatterns(*app, options->selection.patterns);
  AddStrings(*app, "--next", options->selection.next_volumes,
             "Next volume of the set, verified too; may be repeated")
      ->type_name("VOLUME");
  AddNextCommand(*app, options->next_command);
  app->add_option_function<std::string>(
         "--level",
         [options](const std::string& name) {
           options->level = name == "blocks" ? VerifyLevel::kBlocks : VerifyLevel::kContent;
         },
         "blocks: checksums only; content (unless given): every file")
      ->type_name("blocks|content")
      ->check(CLI::IsMember({"blocks", "content"}));
  app->add_option(
         "--against", options->against,
         "Compare with the files below DIR, or the NTFS volume ntfs:IMAGE, instead, and name "
         "differences")
      ->type_name("DIR")
      ->excludes("--level");
  AddPolicyUse(*app, options->policy, "of the last session that has one (auto)");
  app->get_option("--policy")->needs("--against");
  AddSisForm(*app, options->sis);
  app->add_option_function<uint32_t>(
         "--session",
         [options](uint32_t number) {
           options->selection.sessions = SessionChoice::kNumber;
           options->selection.session_number = number;
         },
         "Only this session")
      ->type_name("N")
      ->check(NumberFromOne());
  app->add_option("--report", options->report_file, "Write the whole as one JSON document")
      ->type_name("FILE");
  AddCatalogUse(*app, options->catalog,
                "Keep the outcome in the catalogue; that of this user unless named");
  app->get_option("--catalog")->excludes("--against");
  AddThreads(*app, options->threads);
  AddQuiet(*app, options->common);
  app->footer(kVerifyExamples);
  return {app, [options] { return RunVerify(*options); }};
}

}  // namespace tapir::cli
