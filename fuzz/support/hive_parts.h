#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tapir::fuzz {

/// A hive and its logs in one input: the lengths of the first three parts, 32 bits each, then all
/// four. What is missing is empty.
using HiveParts = std::array<std::string_view, 4>;
HiveParts SplitHiveParts(std::span<const std::byte> input);
std::string JoinHiveParts(const HiveParts& parts);

/// Makes checksums of heads and hashes of log entries right.
void MendHiveParts(std::span<std::byte> input);

}  // namespace tapir::fuzz
