#pragma once

#include <string>

#include "tapir/windows/registry_key.h"

namespace tapir::test {

/// Standard output of a command of the shell. Throws if it fails.
std::string CommandOutput(const std::string& command);

/// What a program of another project says of a hive: `command` has "HIVE" in the place of its path.
std::string ToolOutput(const std::string& hive, const std::string& command);

/// All keys and values as hivexregedit writes them, and a tree in the same form.
std::string ExportOutput(const std::string& hive);
std::string HivexText(const RegistryKey& root);

}  // namespace tapir::test
