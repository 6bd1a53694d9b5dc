#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tapir {

/// A GUID as it stands in memory: Data1, Data2 and Data3 little-endian ([MS-DTYP] 2.3.4).
using Guid = std::array<std::byte, 16>;

/// "01234567-89ab-cdef-0123-456789abcdef".
std::string GuidText(const Guid& guid);

/// Takes either case, with or without braces.
std::optional<Guid> ParseGuid(std::string_view text);

}  // namespace tapir
