#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// What is wrong with a self-relative security descriptor ([MS-DTYP] 2.4.6): its head, the SIDs of
/// owner and group, and both access control lists with their entries. Empty if it is well formed.
/// Reads nothing outside `bytes`, which may come from anybody. Any thread.
std::vector<Finding> CheckSecurityDescriptor(std::span<const std::byte> bytes);

}  // namespace tapir
