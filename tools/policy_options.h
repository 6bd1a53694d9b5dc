#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/policy_derivation.h"
#include "tapir/jobs/policy_reading.h"
#include "tapir/jobs/selection.h"

namespace tapir::cli {

/// How policies are read, as the user says it.
struct PolicyArguments {
  std::string use = "auto";  ///< "none", or where it is
  std::vector<std::string> environment;
  std::vector<std::string> writers;
  std::vector<std::string> drives;
  std::string wildcards = "win32";
};

/// --policy auto|none|FILE; `automatic` says what auto does.
void AddPolicyUse(CLI::App& app, PolicyArguments& arguments, const std::string& automatic);
/// --env, --writer, --wildcards.
void AddPolicyReading(CLI::App& app, PolicyArguments& arguments);
/// --drive; `places` says what may stand behind '='.
void AddPolicyDrives(CLI::App& app, PolicyArguments& arguments, const std::string& places,
                     const std::string& description);

/// "C:=PLACE", one after the other. kInvalidArgument.
Result<std::vector<std::pair<char16_t, std::string>>> ParseDrives(
    const std::vector<std::string>& drives);
/// kInvalidArgument for what is not NAME=VALUE.
Result<PolicyOptions> ReadingOptions(const PolicyArguments& arguments);

/// The files of a policy that a place holds: a hive, an export, a list of rules; or the Windows in
/// a directory or ntfs:IMAGE, whose directory it tells if no hive does. kInvalidArgument if there
/// is none.
Result<std::vector<PolicyTree>> ReadPolicyPlace(const std::string& place, PolicyOptions& options);

/// What --policy means for a restore or a comparison: fills `policy_use` and `policy`. Warnings of
/// reading go to the reporter.
Status TakePolicyOfSelection(const PolicyArguments& arguments, Selection& selection,
                             Reporter& reporter);

/// Each warning of the manifest, and each entry that means nothing.
void TellPolicyWarnings(const PolicyManifest& manifest, Reporter& reporter);

}  // namespace tapir::cli
