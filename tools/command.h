#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tapir/jobs/selection.h"
#include "tools/exit_status.h"

namespace tapir::cli {

/// A command as the command line knows it.
struct Command {
  CLI::App* app = nullptr;  ///< owned by the root
  /// Does the work after parsing; options that contradict each other throw CLI::ValidationError.
  std::function<ExitStatus()> run;
};

Command AddInit(CLI::App& root);
Command AddArchive(CLI::App& root);
Command AddList(CLI::App& root);
Command AddVerify(CLI::App& root);
Command AddRestore(CLI::App& root);
Command AddInfo(CLI::App& root);
Command AddInspect(CLI::App& root);
Command AddSalvage(CLI::App& root);
Command AddExport(CLI::App& root);
Command AddTape(CLI::App& root);
Command AddPolicy(CLI::App& root);
Command AddSrdelayed(CLI::App& root);
Command AddCatalog(CLI::App& root);

/// What all commands take.
struct CommonOptions {
  std::string volume;
  bool json = false;
  bool quiet = false;
};

/// A subcommand with VOLUME and --json; `description` is its line in the list of commands.
CLI::App* AddCommand(CLI::App& root, const std::string& name, const std::string& description,
                     CommonOptions& common);
void AddQuiet(CLI::App& app, CommonOptions& common);
/// -j N; `threads` becomes the number of processors unless given.
void AddThreads(CLI::App& app, unsigned& threads);

/// A positional argument or option that takes any number of strings, bytes as they are: CLI11 alone
/// would take "[a]" for a list and "{}" for none.
CLI::Option* AddStrings(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                        const std::string& description);
/// An option that takes a size such as 64K.
CLI::Option* AddSize(CLI::App& app, const std::string& name, uint64_t& bytes,
                     const std::string& description);

/// A check of options: a whole number from 1, in decimal digits. What is too large is refused where
/// it is converted.
CLI::Validator NumberFromOne();

/// [PATTERN...], --session, --at, --include-torn.
void AddSelection(CLI::App& app, Selection& selection, bool with_all_sessions);
void AddPatterns(CLI::App& app, std::vector<std::string>& patterns);

}  // namespace tapir::cli
