#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// What a set of extended attributes takes at most on NTFS.
inline constexpr size_t kMaxEaBytes = 65536;

/// What is wrong with a list of FILE_FULL_EA_INFORMATION ([MS-FSCC] 2.4.16). Rejected is what
/// cannot be walked; warned about are names and sizes that NTFS would not take. Any thread.
std::vector<Finding> CheckEaList(std::span<const std::byte> bytes);

/// The list as [MS-FSCC] 2.4.16 has it, of one that may have the form of the attribute $EA: there
/// the last entry too tells where the next one would begin, padding included. What cannot be
/// walked stays as it is.
std::string EaListForm(std::string list);
/// The other way: what NTFS stores.
std::string EaVolumeForm(std::string list);

}  // namespace tapir
