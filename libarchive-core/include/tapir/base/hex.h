#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tapir {

/// Two lower-case hexadecimal digits for each byte.
std::string Hex(std::span<const std::byte> bytes);

}  // namespace tapir
