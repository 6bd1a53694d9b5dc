#include "jobs/folded_path.h"

#include <optional>

#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir {

std::u16string FoldedPath(const std::string& path) {
  const std::optional<std::u16string> units = Utf16(path);
  return units ? Upcase(*units) : std::u16string(path.begin(), path.end());
}

}  // namespace tapir
