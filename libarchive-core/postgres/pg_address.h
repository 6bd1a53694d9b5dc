#pragma once

#include <libpq-fe.h>

#include <string>

#include "tapir/base/status.h"

namespace tapir::catalog {

/// Whether `options`, which libpq found in the address `url`, can be meant so. Where a password
/// was not escaped, its parts stand as host, port and database, which messages show. The failure,
/// kInvalidArgument, repeats nothing of the address.
Status CheckPgAddress(const std::string& url, const PQconninfoOption* options);

/// What is said of an address that libpq does not understand.
Status UnreadablePgAddress();

}  // namespace tapir::catalog
