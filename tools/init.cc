#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/base/ambient.h"
#include "tapir/jobs/archive_job.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/label_options.h"
#include "tools/session_json.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kInitExamples =
    "A volume that holds anything is refused with a word on what that is; to replace it, name "
    "this\n"
    "with --overwrite-existing.\n"
    "\n"
    "Examples:\n"
    "  tapir init photos.tapir --label 'photos 2026'\n"
    "  tapir init old.tar --overwrite-existing 'a tar archive'\n";

struct InitOptions {
  CommonOptions common;
  LabelOptions label;
  std::string overwrite_existing;
};

ExitStatus RunInit(const InitOptions& options) {
  CommandRun run(options.common, CommandRun::Results::kBesideVolume);
  const auto info = InitVolume(options.common.volume, options.label, options.overwrite_existing,
                               Ambient::System());
  if (!info.ok()) return run.Fail(info.status());
  if (!info->remark.empty()) run.reporter().Report(NoticeKind::kWarning, {}, info->remark);
  if (run.json()) run.out().Append(ToLine(VolumeAsObject(*info)));
  if (run.wants_summary()) {
    run.out().Append(fmt::format(
        "{} is labelled{}, with blocks up to {}\n", Escaped(options.common.volume),
        info->label.empty() ? "" : " " + Quoted(info->label), FormatSize(info->max_block_bytes)));
  }
  return run.Finish();
}

}  // namespace

Command AddInit(CLI::App& root) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* app = AddCommand(root, "init", "Label an empty volume", options->common);
  AddLabelOptions(*app, options->label);
  app->add_option("--overwrite-existing", options->overwrite_existing,
                  "Destroy what the volume holds: its label, its UUID, or the kind of data")
      ->type_name("WHAT");
  AddQuiet(*app, options->common);
  app->footer(kInitExamples);
  return {app, [options] { return RunInit(*options); }};
}

}  // namespace tapir::cli
