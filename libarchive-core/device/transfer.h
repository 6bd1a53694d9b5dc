#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/descriptor.h"

namespace tapir::internal {

/// open(2) with O_CLOEXEC, repeated when a signal interrupts it. Not valid: see errno.
Descriptor OpenDescriptor(const std::string& path, int flags);

/// The same file once more, for transfers past the page cache. `access` is O_RDONLY or O_WRONLY.
/// Not valid where the file system or the system cannot do it.
Descriptor ReopenDirect(int descriptor, int access);

struct TransferResult {
  size_t size = 0;  ///< bytes moved before the end or the error
  int error = 0;    ///< errno, or 0
};

/// Reads at `offset` until `buffer` is full, the file ends or an error stops it.
TransferResult ReadAt(int descriptor, std::span<std::byte> buffer, uint64_t offset);

/// Writes all of `data` at `offset` unless an error stops it.
TransferResult WriteAt(int descriptor, std::span<const std::byte> data, uint64_t offset);

}  // namespace tapir::internal
