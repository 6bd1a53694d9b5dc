#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tools/command.h"

namespace tapir::cli {

/// What all of `tapir catalog ACTION` take.
struct CatalogOptions {
  CommonOptions common;
  std::string place;  ///< --catalog; empty: that of this user
};

/// A subcommand of `tapir catalog` with --catalog, --json and -q.
CLI::App* AddCatalogAction(CLI::App& catalog, const std::string& name,
                           const std::string& description, CatalogOptions& options);

/// A positional argument of bytes as they are, also "{}" and "[a]".
CLI::Option* AddText(CLI::App& app, const std::string& name, std::string& value,
                     const std::string& description);

Command AddCatalogAdd(CLI::App& catalog);
Command AddCatalogRebuild(CLI::App& catalog);
Command AddCatalogFind(CLI::App& catalog);
Command AddCatalogLs(CLI::App& catalog);
Command AddCatalogVolumes(CLI::App& catalog);
Command AddCatalogNote(CLI::App& catalog);
Command AddCatalogForget(CLI::App& catalog);
Command AddCatalogDuplicates(CLI::App& catalog);
Command AddCatalogCopies(CLI::App& catalog);
Command AddCatalogNeeds(CLI::App& catalog);
Command AddCatalogDiff(CLI::App& catalog);
Command AddCatalogPolicy(CLI::App& catalog);
Command AddCatalogExport(CLI::App& catalog);
Command AddCatalogCheck(CLI::App& catalog);
Command AddCatalogServe(CLI::App& catalog);
Command AddCatalogReport(CLI::App& catalog);

}  // namespace tapir::cli
