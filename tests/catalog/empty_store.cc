#include "tests/catalog/empty_store.h"

#include "tapir/catalog/sqlite_store.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {

std::unique_ptr<catalog::Store> EmptyStore(const Scratch& scratch) {
  return Value(catalog::OpenSqliteStore(scratch.At("catalog.db"), catalog::StoreUse::kWrite));
}

}  // namespace tapir::test
