#include "tools/command_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "tools/escape.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

int DescriptorOf(CommandRun::Results results, const CommonOptions& common) {
  const bool taken = results == CommandRun::Results::kStandardError ||
                     (results == CommandRun::Results::kBesideVolume && common.volume == "-");
  return taken ? STDERR_FILENO : STDOUT_FILENO;
}

}  // namespace

CommandRun::CommandRun(const CommonOptions& common, Results results, Notices notices)
    : json_(common.json),
      quiet_(common.quiet),
      out_(DescriptorOf(results, common)),
      reporter_(error_, json_ && notices == Notices::kAsObjects ? &out_ : nullptr, quiet_) {}

void CommandRun::StartProgress(ProgressMeasure measure) {
  // Objects on the same terminal would run into the line.
  const bool in_the_way = json_ && out_.is_terminal();
  if (error_.can_redraw() && !quiet_ && !in_the_way) line_.emplace(progress_, measure, error_);
}

void CommandRun::Complain(std::string_view text, ExitStatus status) {
  out_.Flush();
  error_.Write(fmt::format("tapir: {}\n", SafeText(text)));
  Raise(status);
}

void CommandRun::ReportUnmatched(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    reporter_.Report(NoticeKind::kWarning, pattern, "selects nothing");
  }
}

void CommandRun::ReportTorn(bool included) {
  reporter_.Report(NoticeKind::kWarning, {},
                   included ? "the last session was never finished; what is complete in it is "
                              "included"
                            : "the last session was never finished; what is complete in it comes "
                              "with --include-torn");
}

void CommandRun::ReportUnsupported(uint64_t sessions) {
  Complain(Counted(sessions, "session") + " left out: a newer version of tapir wrote them",
           kExitForeign);
}

ExitStatus CommandRun::Fail(const Status& status) {
  StopProgress();
  const ExitStatus exit_status = ExitStatusOf(status);
  out_.Flush();
  if (exit_status == kExitBrokenPipe) return exit_status;
  error_.Write(fmt::format("tapir: {}\n", SafeText(status.message())));
  return Graver(exit_status, status_);
}

ExitStatus CommandRun::Finish() {
  StopProgress();
  out_.Flush();
  if (!out_.status().ok()) return Fail(out_.status());
  return Graver(status_, reporter_.exit_status());
}

}  // namespace tapir::cli
