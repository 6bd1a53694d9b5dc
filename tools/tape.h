#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tools/command.h"

namespace tapir::cli {

/// What all of `tapir tape ACTION DEVICE` take.
struct TapeOptions {
  CommonOptions common;  ///< `volume` is the device
  std::string overwrite_existing;
};

/// A subcommand of `tapir tape` with DEVICE and --json.
CLI::App* AddTapeAction(CLI::App& tape, const std::string& name, const std::string& description,
                        TapeOptions& options);
/// --overwrite-existing for actions that would destroy something.
void AddPermission(CLI::App& app, TapeOptions& options);

Command AddTapeStatus(CLI::App& tape);
Command AddTapeCopy(CLI::App& tape);
Command AddTapeDevices(CLI::App& tape);
/// load, unload, rewind, erase, format, partition, lock, unlock, tension.
std::vector<Command> AddTapePreparations(CLI::App& tape);
/// seek, space, mark, position, params.
std::vector<Command> AddTapeMovements(CLI::App& tape);

}  // namespace tapir::cli
