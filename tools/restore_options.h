#pragma once

#include <optional>
#include <string>

#include "tapir/jobs/sis_form.h"
#include "tapir/target/posix_target.h"
#include "tools/command.h"

namespace tapir::cli {

/// -C DIR, --overwrite, --numeric-owner, --no-owner.
void AddTargetOptions(CLI::App& app, PosixTargetOptions& target, bool& no_owner);

/// --sis.
void AddSisForm(CLI::App& app, std::optional<SisForm>& form);
/// --sis-list.
void AddSisList(CLI::App& app, std::string& list);

}  // namespace tapir::cli
