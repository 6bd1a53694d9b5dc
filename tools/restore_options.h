#pragma once

#include "tapir/target/posix_target.h"
#include "tools/command.h"

namespace tapir::cli {

/// -C DIR, --overwrite, --numeric-owner, --no-owner.
void AddTargetOptions(CLI::App& app, PosixTargetOptions& target, bool& no_owner);

}  // namespace tapir::cli
