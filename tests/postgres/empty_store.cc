#include "tests/catalog/empty_store.h"

#include "tests/postgres/schema_place.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {

std::unique_ptr<catalog::Store> EmptyStore(const Scratch&) {
  return Value(SchemaPlace().TryOpen(catalog::StoreUse::kWrite));
}

}  // namespace tapir::test
