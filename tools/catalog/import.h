#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tapir/catalog/import.h"
#include "tapir/catalog/store.h"
#include "tapir/jobs/verify_job.h"
#include "tools/command_run.h"

namespace tapir::cli {

/// Takes a volume into the catalogue, says so, and names what could not be taken.
Result<catalog::VolumeKey> ImportAndTell(catalog::Store& store, const std::string& volume,
                                         bool from_records, CommandRun& run);

/// --catalog of commands that work on volumes; without a value the catalogue of this user.
/// Nothing: no catalogue is kept.
void AddCatalogUse(CLI::App& app, std::optional<std::string>& place,
                   const std::string& description);

/// Keeps what a verification found, and the volume too if it is not known yet. Says it if the label
/// could not be read: then nothing is kept; and if the catalogue has no session of the volume.
Status RecordVerification(catalog::Store& store, const VerifyRequest& request,
                          const VerifyReport& report, CommandRun& run);

/// Takes the volumes of a session that was just written into the catalogue.
Status ImportSession(const std::string& place, const std::vector<std::string>& volumes,
                     CommandRun& run);

}  // namespace tapir::cli
