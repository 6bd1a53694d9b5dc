#pragma once

#include <memory>
#include <string>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

enum class StoreUse {
  kRead,   ///< the catalogue must be there, and stays as it is
  kWrite,  ///< made if it is not there, with the folders above it; an older schema is brought up
};

/// A catalogue in one file (SQLite). Statuses as Store, and kNotFound, kForeign (the file is
/// something else), kUnsupported (a newer schema; with kRead an older one too).
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, StoreUse use);

}  // namespace tapir::catalog
