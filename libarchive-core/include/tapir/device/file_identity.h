#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tapir/base/status.h"

namespace tapir {

/// A file by st_dev and st_ino.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// Who writes to a volume.
struct LockHolder {
  int pid = 0;          ///< 0 if it cannot be told (another host, another PID namespace)
  std::string command;  ///< its short name, may be empty

  /// "process 4711 (tapir)" or "another process".
  std::string ToString() const;
};

/// Tells a reader whether a session is being written to the file at `path` just now, so that its
/// end is not taken for torn. Tests the writers' lock and lets go of it at once; what is no regular
/// file has no writer. Thread-safe.
Result<std::optional<LockHolder>> WriterHolding(const std::string& path);

}  // namespace tapir
