#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tapir::catalog {

/// Pieces of three characters that cover a search form: one behind the other, and the last one.
/// Nothing if it is shorter.
std::vector<std::string> CoveringGrams(std::string_view form);

}  // namespace tapir::catalog
