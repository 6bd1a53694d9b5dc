#pragma once

#include "tapir/base/status.h"

namespace tapir::cli {

/// What the command returns to the shell.
enum ExitStatus : int {
  kExitDone = 0,
  kExitWarnings = 1,  ///< done, but with warnings, differences or something left out
  kExitUsage = 2,
  kExitDamage = 3,
  kExitFailure = 4,  ///< of a device or file
  kExitForeign = 5,  ///< foreign, newer or unknown format
  kExitInterrupted = 130,
  kExitBrokenPipe = 141,  ///< whoever read our output has gone
};

/// What a failure of the library means to the shell.
ExitStatus ExitStatusOf(const Status& status);

/// Of two that apply, the one that is returned.
ExitStatus Graver(ExitStatus a, ExitStatus b);

}  // namespace tapir::cli
