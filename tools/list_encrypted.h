#pragma once

#include <string>

#include "tapir/jobs/selection.h"
#include "tools/command_run.h"

namespace tapir::cli {

/// `text` as the library has thumbprints, without spaces and colons; throws CLI::ValidationError if
/// it is none.
std::string ParseThumbprint(const std::string& text);

/// Shows encrypted objects, or those that the certificate opens (`thumbprint` not empty).
ExitStatus ListEncryptedObjects(const CommonOptions& common, const Selection& selection,
                                const std::string& thumbprint);

}  // namespace tapir::cli
