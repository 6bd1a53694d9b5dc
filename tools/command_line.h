#pragma once

namespace tapir::cli {

/// The whole command: parses, runs, and gives the exit status.
int RunCommandLine(int argc, char** argv);

}  // namespace tapir::cli
