#pragma once

#include <memory>
#include <string>

#include "tests/support/catalog_store_cases.h"

namespace tapir::test {

/// The addresses of two databases that may be emptied, on two servers.
std::string PostgresAddress();
std::string OtherPostgresAddress();

void ExecuteOn(const std::string& address, const std::string& statements);

/// The catalogue of a database, emptied first.
class SchemaPlace : public StorePlace {
 public:
  SchemaPlace();

  Result<std::unique_ptr<catalog::Store>> TryOpen(catalog::StoreUse use) override;
  void Execute(const std::string& statements) override;
  int64_t Count(const std::string& query) override;
  void MakeForeign() override;
};

}  // namespace tapir::test
