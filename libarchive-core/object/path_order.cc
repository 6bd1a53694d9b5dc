#include "tapir/object/path_order.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "tapir/base/limits.h"

namespace tapir {
namespace {

// NUL cannot occur in a path, so '/' can take its rank.
unsigned Rank(char byte) { return byte == '/' ? 0U : static_cast<unsigned char>(byte); }

}  // namespace

int ComparePaths(std::string_view left, std::string_view right) {
  if (left == "." || right == ".")
    return static_cast<int>(right == ".") - static_cast<int>(left == ".");
  const size_t common = std::min(left.size(), right.size());
  for (size_t i = 0; i < common; ++i) {
    if (left[i] != right[i]) return Rank(left[i]) < Rank(right[i]) ? -1 : 1;
  }
  if (left.size() == right.size()) return 0;
  return left.size() < right.size() ? -1 : 1;
}

bool IsBelow(std::string_view path, std::string_view ancestor) {
  if (ancestor == ".") return path != ".";
  return path.size() > ancestor.size() && path.starts_with(ancestor) &&
         path[ancestor.size()] == '/';
}

std::string ParentPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? "." : path.substr(0, slash));
}

Status CheckPath(std::string_view path) {
  if (path == ".") return OkStatus();
  if (path.empty()) return InvalidArgument("path is empty");
  if (path.size() > limits::kMaxPathBytes) {
    return InvalidArgument("path is " + std::to_string(path.size()) + " bytes long, limit " +
                           std::to_string(limits::kMaxPathBytes));
  }
  if (path.find('\0') != std::string_view::npos) return InvalidArgument("path contains NUL");
  if (path.front() == '/') return InvalidArgument("path begins with '/'");
  if (path.back() == '/') return InvalidArgument("path ends with '/'");
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view component = path.substr(start, end - start);
    if (component.empty()) return InvalidArgument("path has an empty component");
    if (component == "." || component == "..") {
      return InvalidArgument("path has a component '" + std::string(component) + "'");
    }
    if (component.size() > limits::kMaxComponentBytes) {
      return InvalidArgument("path has a component of " + std::to_string(component.size()) +
                             " bytes, limit " + std::to_string(limits::kMaxComponentBytes));
    }
    start = end + 1;
  }
  return OkStatus();
}

}  // namespace tapir
