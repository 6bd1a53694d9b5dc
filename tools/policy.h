#pragma once

#include <CLI/CLI.hpp>

#include "tools/command.h"

namespace tapir::cli {

Command AddPolicyShow(CLI::App& policy);
Command AddPolicyCheck(CLI::App& policy);
Command AddPolicySet(CLI::App& policy);

}  // namespace tapir::cli
