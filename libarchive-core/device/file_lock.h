#pragma once

#include <optional>
#include <string>

#include "tapir/base/status.h"
#include "tapir/device/file_identity.h"

namespace tapir::internal {

/// Takes the writers' lock, which lasts until every copy of the descriptor is closed. kBusy names
/// the process that has it; `path` is for messages.
Status LockForWriting(int descriptor, const std::string& path);

/// Whoever has the writers' lock of the file.
std::optional<LockHolder> FindWriter(int descriptor);

/// By fstat. Precondition: the descriptor is open.
FileIdentity IdentityOfDescriptor(int descriptor);

}  // namespace tapir::internal
