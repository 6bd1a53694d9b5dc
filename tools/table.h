#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tapir::cli {

/// Columns as wide as what they hold, by CharacterCount. Cells are escaped already.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string_view heading;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string ToString() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tapir::cli
