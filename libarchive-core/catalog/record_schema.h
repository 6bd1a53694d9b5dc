#pragma once

#include <string>
#include <vector>

#include "catalog/sql.h"
#include "tapir/base/status.h"

namespace tapir::catalog {

/// The schema this program writes and reads; older ones are brought up to it.
inline constexpr int64_t kSchemaVersion = 1;

/// Statements that lead from the schema before to `version`. The first makes an empty database a
/// catalogue.
struct SchemaStep {
  int64_t version = 0;
  std::vector<std::string> statements;
};

/// Brings a database up to the last of `steps`, all or nothing, and notes that. kUnsupported if it
/// has a newer one. `connection` is inside a transaction that the caller ends.
Status Migrate(SqlConnection& connection, const std::vector<SchemaStep>& steps);

/// Whether a catalogue with schema `found` can be read as it is. kUnsupported.
Status CheckSchemaVersion(int64_t found);

/// Tables of what there is little of, the same in all databases: volumes, sessions, notes,
/// verifications, key entries, policies.
std::vector<std::string> RecordTables(const SqlDialect& dialect);

}  // namespace tapir::catalog
