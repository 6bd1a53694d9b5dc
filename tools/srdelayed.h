#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tapir/windows/delayed_operations.h"
#include "tools/command.h"
#include "tools/json.h"

namespace tapir::cli {

Command AddSrdelayedMake(CLI::App& srdelayed);
Command AddSrdelayedCheck(CLI::App& srdelayed);
Command AddSrdelayedRun(CLI::App& srdelayed);

/// "move 'C:\a' to 'C:\b'", safe for a terminal.
std::string OperationAsText(const DelayedOperation& operation);
/// "NotExecuted", or "C0000034 name not found".
std::string StatusAsText(const DelayedOperation& operation);
/// Number, offset, operation, source and target where there are such, status.
Json OperationAsObject(uint64_t number, uint64_t offset_bytes, const DelayedOperation& operation);

}  // namespace tapir::cli
