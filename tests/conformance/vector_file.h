#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tapir::test {

/// That format-spec/vectors/NAME.tapir has these bytes; with TAPIR_REWRITE=1 it is written anew.
void ExpectIsVector(const std::string& name, const std::vector<std::byte>& bytes);

}  // namespace tapir::test
