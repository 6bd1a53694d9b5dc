#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/registry_key.h"

namespace tapir {

/// The strings of a REG_MULTI_SZ, or the one of a REG_SZ or REG_EXPAND_SZ, as WTF-8. A list ends
/// with an empty string or where the data do; terminators may be missing, as programs write them.
/// Nothing for values of other types.
std::optional<std::vector<std::string>> RegistryStrings(const RegistryValue& value);

/// A value of one of these types, as Windows stores it. `strings`: WTF-8 without NUL, exactly one
/// unless the type is REG_MULTI_SZ, where none is empty. Nothing if they cannot be stored.
std::optional<RegistryValue> MakeRegistryStrings(std::u16string_view name, uint32_t type,
                                                 const std::vector<std::string>& strings);

RegistryValue MakeRegistryNumber(std::u16string_view name, uint32_t number);

}  // namespace tapir
