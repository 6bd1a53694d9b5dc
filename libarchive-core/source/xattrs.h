#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tapir/object/metadata.h"

namespace tapir::source {

/// How a descriptor lets its extended attributes be read.
enum class XattrAccess : uint8_t {
  kDescriptor,  ///< opened for reading
  kPathOnly,    ///< opened with O_PATH; goes through /proc/self/fd
};

/// All extended attributes that the system shows, sorted by name: ACLs and capabilities are among
/// them. What cannot be read or does not fit in the format is left out and said in `warnings`; a
/// file system without attributes is no trouble. Thread-safe.
std::vector<Xattr> ReadXattrs(int fd, XattrAccess access, std::vector<std::string>& warnings);

}  // namespace tapir::source
