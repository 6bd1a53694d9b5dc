#pragma once

#include <string>
#include <vector>

#include "tapir/jobs/archive_job.h"
#include "tools/command.h"
#include "tools/command_run.h"

namespace tapir::cli {

/// Where the next volume of a set comes from.
struct NextVolumeOptions {
  std::vector<std::string> names;  ///< taken in order
  std::string command;             ///< asked then: names a volume in its first line
};

void AddNextVolume(CLI::App& app, NextVolumeOptions& options);
/// For reading a set with one drive.
void AddNextCommand(CLI::App& app, std::string& command);

/// Takes the names given, asks the command, or whoever sits at the terminal. `run` must
/// outlive it.
VolumeSource AskForVolumes(const NextVolumeOptions& options, CommandRun& run);

/// As AskForVolumes; null if there is neither a command nor anybody to ask.
VolumeSource AskForVolumesToRead(const std::string& command, CommandRun& run);

}  // namespace tapir::cli
