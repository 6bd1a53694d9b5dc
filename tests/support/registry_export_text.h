#pragma once

#include <string>
#include <string_view>

#include "tapir/windows/registry_key.h"

namespace tapir::test {

/// UTF-16LE behind a byte order mark. `text`: WTF-8.
std::string InUtf16(std::string_view text);

/// An export of version 5 in UTF-16 of all keys below `root`, which has no name: data of every type
/// in hexadecimal. Names of keys are without line breaks, names without NUL.
std::string ExportText(const RegistryKey& root);

}  // namespace tapir::test
