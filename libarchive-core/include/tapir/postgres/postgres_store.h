#pragma once

#include <memory>
#include <string>

#include "tapir/base/status.h"
#include "tapir/catalog/sqlite_store.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// A catalogue in the schema "tapir" of a PostgreSQL database, for several hosts at once. `url` is
/// "postgresql://USER@HOST:PORT/DATABASE" with all that libpq takes in it; the database must be
/// there, in UTF-8. Statuses as Store, and kInvalidArgument (the address), kNotFound (kRead: no
/// catalogue in it yet), kForeign (something else is in that schema), kUnsupported (a newer schema;
/// with kRead an older one too; an older server).
Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& url, StoreUse use);

}  // namespace tapir::catalog
