#pragma once

#include <string>

namespace tapir::target {

/// Names the object behind a descriptor for calls that take no O_PATH descriptor. It leads to that
/// very object, a symbolic link included, and nothing is followed further.
inline std::string ProcPath(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

/// An open object whose metadata is to be set. Does not own the descriptor.
struct ObjectHandle {
  int fd = -1;
  bool is_path_only = false;  ///< opened with O_PATH
};

}  // namespace tapir::target
