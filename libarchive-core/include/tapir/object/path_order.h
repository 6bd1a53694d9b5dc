#pragma once

#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir {

/// Path order (format chapter 5): component by component as bytes, a path before what is below it,
/// "." before all. Negative, zero or positive like memcmp. Both paths are as in chapter 5.1;
/// thread-safe.
int ComparePaths(std::string_view left, std::string_view right);

/// Orders containers by path: std::map<std::string, T, PathLess>.
struct PathLess {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const {
    return ComparePaths(left, right) < 0;
  }
};

/// Whether `path` lies below `ancestor`, at any depth; a path is not below itself. Everything but
/// "." is below ".".
bool IsBelow(std::string_view path, std::string_view ancestor);

/// The directory that the path lies in, "." for what lies at the top.
std::string ParentPath(std::string_view path);

/// kInvalidArgument with the rule that is broken, if `path` is not one of chapter 5.1. The text
/// does not repeat the path. Readers of a volume report it as damage.
Status CheckPath(std::string_view path);

}  // namespace tapir
