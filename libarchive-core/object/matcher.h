#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/object/path_pattern.h"

namespace tapir {

/// The patterns of a command. One without glob characters is a path and selects it and what is
/// below; a glob is a PathPattern and selects what it matches and what is below. No patterns select
/// everything. Remembers which ones ever matched. Single-thread.
class Matcher {
 public:
  explicit Matcher(const std::vector<std::string>& patterns);

  bool Selects(std::string_view path);
  std::vector<std::string> Unmatched() const;
  /// If all patterns are plain paths: these, in path order. Nothing outside them is ever selected.
  const std::optional<std::vector<std::string>>& plain_paths() const { return plain_paths_; }

 private:
  struct Row {
    std::string text;
    std::string path;  ///< the text as a path
    std::optional<PathPattern> glob;
    bool matched = false;
  };
  std::vector<Row> rows_;
  std::optional<std::vector<std::string>> plain_paths_;
};

}  // namespace tapir
