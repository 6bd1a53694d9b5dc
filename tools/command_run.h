#pragma once

#include <optional>
#include <string_view>

#include "tapir/base/progress.h"
#include "tapir/base/status.h"
#include "tools/command.h"
#include "tools/console_reporter.h"
#include "tools/exit_status.h"
#include "tools/output.h"
#include "tools/progress_line.h"
#include "tools/standard_error.h"

namespace tapir::cli {

/// One run of a command: where its results, messages and progress go, and what it returns.
class CommandRun {
 public:
  enum class Results {
    kStandardOutput,
    kBesideVolume,   ///< to standard error where the volume is standard output
    kStandardError,  ///< standard output has something else
  };
  /// Where notices go with --json.
  enum class Notices { kAsObjects, kAsLines };

  explicit CommandRun(const CommonOptions& common, Results results = Results::kStandardOutput,
                      Notices notices = Notices::kAsObjects);

  Output& out() { return out_; }
  ConsoleReporter& reporter() { return reporter_; }
  Progress& progress() { return progress_; }
  bool json() const { return json_; }
  bool quiet() const { return quiet_; }
  /// Results are text for a person who wants to read it: neither --json nor -q.
  bool wants_summary() const { return !json_ && !quiet_; }

  /// Shows progress() until StopProgress, if there is a terminal to show it on.
  void StartProgress(ProgressMeasure measure);
  void StopProgress() { line_.reset(); }

  /// "tapir: text" on standard error, and what it means for the exit status.
  void Complain(std::string_view text, ExitStatus status);
  void Raise(ExitStatus status) { status_ = Graver(status_, status); }

  /// Says that a pattern selects nothing, that the last session is torn, that sessions are newer
  /// than this program, or that volumes of the set are missing. `report` is that of listing or
  /// restoring.
  template <typename Report>
  void ReportGaps(const Report& report, const Selection& selection) {
    ReportUnmatched(report.unmatched_patterns);
    if (report.torn) ReportTorn(selection.include_torn);
    if (report.unsupported_sessions > 0) ReportUnsupported(report.unsupported_sessions);
    if (!report.missing_volumes.empty()) {
      Complain(report.missing_volumes, kExitWarnings);
    }
  }

  /// Ends the run with a failure of the library.
  ExitStatus Fail(const Status& status);
  /// Ends the run: what was printed must have arrived.
  ExitStatus Finish();

 private:
  void ReportUnmatched(const std::vector<std::string>& patterns);
  void ReportTorn(bool included);
  void ReportUnsupported(uint64_t sessions);

  const bool json_;
  const bool quiet_;
  StandardError error_;
  Output out_;
  ConsoleReporter reporter_;
  Progress progress_;
  std::optional<ProgressLine> line_;
  ExitStatus status_ = kExitDone;
};

}  // namespace tapir::cli
