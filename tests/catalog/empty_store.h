#pragma once

#include <memory>

#include "tapir/catalog/store.h"
#include "tests/support/scratch.h"

namespace tapir::test {

/// A catalogue with nothing in it. The tests of what stands on a store are linked with one of
/// these for each kind: a file in the scratch folder, or the server of tests/postgres.
std::unique_ptr<catalog::Store> EmptyStore(const Scratch& scratch);

}  // namespace tapir::test
