#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace tapir::cli {

/// Standard error of the process: lines that stay, and on a terminal below them one that is drawn
/// again and again. Thread-safe.
class StandardError {
 public:
  StandardError();

  /// A terminal that can go back to the start of a line.
  bool can_redraw() const { return can_redraw_; }

  /// Whole lines with their line feeds.
  void Write(std::string_view lines);
  /// Shows `line` in place of the one shown before, cut to the width of the terminal; empty: none.
  /// Only if can_redraw().
  void Redraw(std::string_view line);

 private:
  const bool can_redraw_;
  std::mutex mutex_;
  std::string shown_;
};

}  // namespace tapir::cli
