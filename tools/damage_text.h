#pragma once

#include <string>

#include "tapir/base/damage.h"
#include "tools/json.h"

namespace tapir::cli {

/// "block, session 2, block 17, unit 4096 (byte 16777216, 1048576 bytes): checksum differs".
std::string DamageAsText(const Damage& damage);

/// {"kind":"block","session":2,"place":{"object":17,"unit":4096,"offset":16777216,"length":1048576},
///  "path":"a/b","text":"..."}
Json DamageAsObject(const Damage& damage);

}  // namespace tapir::cli
