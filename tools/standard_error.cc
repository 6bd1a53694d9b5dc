#include "tools/standard_error.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/output.h"

namespace tapir::cli {

namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";

bool IsGoodTerminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr && *term != '\0' &&
         std::string_view(term) != "dumb";
}

/// One column is left free: a terminal may wrap when the last one is filled.
size_t UsableColumns() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - size_t{1} : size_t{79};
}

}  // namespace

StandardError::StandardError() : can_redraw_(IsGoodTerminal()) {}

void StandardError::Write(std::string_view lines) {
  const std::lock_guard lock(mutex_);
  std::string text;
  if (!shown_.empty()) text += kClearLine;
  text += lines;
  text += shown_;
  // Nobody is left to tell of a failure here.
  WriteAll(STDERR_FILENO, text);
}

void StandardError::Redraw(std::string_view line) {
  const std::lock_guard lock(mutex_);
  const std::string_view cut = line.substr(0, UsableColumns());
  if (cut == shown_) return;
  shown_ = cut;
  WriteAll(STDERR_FILENO, std::string(kClearLine) + shown_);
}

}  // namespace tapir::cli
