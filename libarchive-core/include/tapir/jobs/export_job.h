#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "tapir/base/progress.h"
#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/restore_job.h"
#include "tapir/jobs/selection.h"

namespace tapir {

/// What Windows' own calls take back.
enum class ExportForm {
  kEfsRaw,        ///< WriteEncryptedFileRaw ([MS-EFSR] 2.2.3); suffix .efsraw
  kBackupStream,  ///< BackupWrite ([MS-BKUP]); suffix .bks
};

struct ExportRequest {
  std::string volume;
  Selection selection;
  ExportForm form = ExportForm::kEfsRaw;

  /// Where exports go, one of the three. A directory takes any number, each under the object's path
  /// with the suffix; a file, or `output`, takes the only object selected, or the one that the only
  /// pattern names itself.
  std::string directory;
  std::string file;
  std::function<Status(std::span<const std::byte>)> output;
  bool overwrite = false;  ///< replace files that are there

  Reporter* reporter = nullptr;  ///< not owned; required
  unsigned threads = 2;
  Progress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

struct ExportReport {
  uint64_t exported = 0;
  uint64_t export_bytes = 0;
  /// Selected, and not to be had in the form, or by no means under their names; each is reported.
  uint64_t without_form = 0;
  uint64_t passed_over = 0;   ///< directories that are not encrypted, where those are asked for
  uint64_t kept = 0;          ///< something was in the way and was kept; each is reported
  uint64_t failed = 0;        ///< could not be made or written; each is reported
  /// How reading went; what it restored, kept and failed in is counted above.
  RestoreReport reading;
};

/// Gives objects that were archived from a Windows volume, or from such files, in the form that
/// Windows' own calls take. What came from such a file comes back byte for byte. An export appears,
/// and its first byte goes to `output`, when all contents were proven by their digests; until
/// then they lie in a temporary file. kInvalidArgument if several objects are selected where one
/// goes; failures as Restore.
Result<ExportReport> ExportObjects(const ExportRequest& request);

}  // namespace tapir
