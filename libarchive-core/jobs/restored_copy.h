#pragma once

#include <cstdint>
#include <string>

#include "object/content_digester.h"
#include "tapir/object/object_target.h"

namespace tapir {

/// Copies the first `length_bytes` of a file that this run restored at `from` into another one, and
/// digests them on the way. Stops where the file ends: the digest tells whether anything is
/// missing. Fails with what the target says.
Status CopyRestored(ObjectTarget& target, const std::string& from, uint64_t length_bytes,
                    ContentDigester& digester, TargetFile& into);

}  // namespace tapir
