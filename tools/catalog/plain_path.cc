#include "tools/catalog/plain_path.h"

#include <algorithm>

namespace tapir::cli {

std::string PlainPath(std::string_view path) {
  std::string plain;
  size_t begin = 0;
  while (begin < path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component = path.substr(begin, end - begin);
    if (!component.empty() && component != ".") {
      if (!plain.empty()) plain += '/';
      plain += component;
    }
    begin = end + 1;
  }
  return plain.empty() ? "." : plain;
}

}  // namespace tapir::cli
