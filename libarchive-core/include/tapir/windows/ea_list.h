#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// What a set of extended attributes takes at most on NTFS.
inline constexpr size_t kMaxEaBytes = 65536;

/// What is wrong with a list of FILE_FULL_EA_INFORMATION ([MS-FSCC] 2.4.16). Rejected is what
/// cannot be walked; warned about are names and sizes that NTFS would not take. Any thread.
std::vector<Finding> CheckEaList(std::span<const std::byte> bytes);

}  // namespace tapir
