#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tapir/jobs/system_state.h"
#include "tools/command_run.h"
#include "tools/json.h"

namespace tapir::cli {

struct SystemStateOptions {
  bool wanted = false;
  std::string hives;
  bool bare_metal = false;
  std::vector<std::string> restored_volumes;
  std::string sysvol;
  std::vector<std::string> pending;
};

/// --system-state, --hives, --bare-metal, --restored-volume, --sysvol, --pending.
void AddSystemState(CLI::App& app, SystemStateOptions& options);

/// Restores, and tells each decision about keys as it is made. `drives` as --drive of a policy
/// gives them: one whose path is "." is the target's own letter. kInvalidArgument for --hives
/// outside the target; else as RestoreSystemState.
Result<SystemStateReport> RestoreStateAsAsked(const SystemStateOptions& options,
                                              const RestoreRequest& restore, bool target_is_new,
                                              const std::vector<std::string>& drives,
                                              CommandRun& run);

Json SystemStateAsObject(const SystemStateReport& report);
/// A few lines for a person.
std::string SystemStateSummary(const SystemStateReport& report);

}  // namespace tapir::cli
