#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tapir/base/status.h"

namespace tapir::target {

/// The name in a directory that is meant by `name` where case does not matter: the same, else the
/// only one that NTFS would compare equal. Names that are not WTF-8 are only the same as
/// themselves. `directory_fd` may be O_PATH. Nothing if there is none; FileFailure::kAmbiguous,
/// device errors.
Result<std::optional<std::string>> FindInAnyCase(int directory_fd, const std::string& name);

/// Whether NTFS takes the names for the same.
bool SameInAnyCase(const std::string& left, const std::string& right);

/// Names in a directory but "." and "..", as the system gives them.
Result<std::vector<std::string>> NamesInDirectory(int directory_fd);

}  // namespace tapir::target
