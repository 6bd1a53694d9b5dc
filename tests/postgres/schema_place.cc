#include "tests/postgres/schema_place.h"

#include <cstdlib>
#include <stdexcept>

#include "postgres/pg_connection.h"
#include "tapir/postgres/postgres_store.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

std::string FromEnvironment(const char* name) {
  const char* address = std::getenv(name);
  if (address == nullptr) throw std::runtime_error(std::string(name) + " has no address");
  return address;
}

}  // namespace

std::string PostgresAddress() { return FromEnvironment("TAPIR_POSTGRES"); }
std::string OtherPostgresAddress() { return FromEnvironment("TAPIR_POSTGRES_OTHER"); }

void ExecuteOn(const std::string& address, const std::string& statements) {
  const auto connection = Value(catalog::PgConnection::Open(address));
  Check(connection->RunScript(statements));
}

SchemaPlace::SchemaPlace() {
  ExecuteOn(PostgresAddress(),
            "DROP EXTENSION IF EXISTS postgres_fdw CASCADE; DROP SCHEMA IF EXISTS tapir CASCADE");
}

Result<std::unique_ptr<catalog::Store>> SchemaPlace::TryOpen(catalog::StoreUse use) {
  return catalog::OpenPostgresStore(PostgresAddress(), use);
}

void SchemaPlace::Execute(const std::string& statements) {
  const auto connection = Value(catalog::PgConnection::Open(PostgresAddress()));
  Check(connection->RunScript("SET search_path = tapir"));
  Check(connection->RunScript(statements));
}

int64_t SchemaPlace::Count(const std::string& query) {
  const auto connection = Value(catalog::PgConnection::Open(PostgresAddress()));
  Check(connection->RunScript("SET search_path = tapir"));
  return Value(connection->Query(query)).Integer(0, 0);
}

void SchemaPlace::MakeForeign() {
  ExecuteOn(PostgresAddress(), "CREATE SCHEMA tapir; CREATE TABLE tapir.plants (name TEXT)");
}

}  // namespace tapir::test
