#pragma once

#include <cstdint>
#include <vector>

#include "tapir/object/entry.h"

namespace tapir::test {

/// Entries as one session holds them in one directory, ascending by name, with everything that a
/// listing page keeps and nothing that it does not. `extreme`: with numbers at their limits.
std::vector<Entry> SampleListing(uint64_t seed, size_t count, bool with_sha256, bool extreme);

}  // namespace tapir::test
