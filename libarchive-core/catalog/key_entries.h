#pragma once

#include <string>
#include <vector>

#include "tapir/base/damage.h"
#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/catalog/records.h"

namespace tapir::catalog {

/// Who can open the encrypted objects of a session, from what stands at their beginning on the
/// volume. Objects that cannot be read are appended to `damages`.
Result<std::vector<KeyEntry>> ReadKeyEntries(const std::string& volume, const Session& session,
                                             Reporter& reporter, std::vector<Damage>& damages);

}  // namespace tapir::catalog
