#pragma once

#include <string>

namespace tapir::catalog {

/// This process, so that it is not taken for a later one with the same number: machine, boot,
/// number and start.
std::string NameOfThisProcess();

/// False if that process is known to be over. Of other machines nothing is known.
bool MayBeRunning(const std::string& process);

}  // namespace tapir::catalog
