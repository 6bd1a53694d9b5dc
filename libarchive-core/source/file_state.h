#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>

#include "tapir/object/object_source.h"

namespace tapir::source {

/// What the system says of a file, in the terms of the object room.
Timestamp ToTimestamp(const timespec& time);
SourceIdentity IdentityOf(const struct stat& info);
/// 1 for directories, whose links are no names.
uint32_t LinkCountOf(const struct stat& info);
/// Nothing for sockets and for what is not known.
std::optional<ObjectType> TypeOf(const struct stat& info);
/// Whether fewer bytes are allocated than the file is long.
bool MayHaveHoles(const struct stat& info);

}  // namespace tapir::source
