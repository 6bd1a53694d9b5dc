#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace tapir {

/// Bytes taken by the security identifier at the front of `bytes` ([MS-DTYP] 2.4.2.2): 8 to 68.
/// 0 if there is none: too short, a revision other than 1, or over 15 subauthorities.
size_t SidBytes(std::span<const std::byte> bytes);

/// "S-1-5-21-..." of the identifier at the front of `bytes` ([MS-DTYP] 2.4.2.1; an authority over
/// 32 bits in hexadecimal). Nothing if there is none.
std::optional<std::string> SidText(std::span<const std::byte> bytes);

}  // namespace tapir
