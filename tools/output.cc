#include "tools/output.h"

#include <unistd.h>

#include <cerrno>

namespace tapir::cli {

namespace {
constexpr size_t kBufferBytes = size_t{64} << 10;
}  // namespace

int WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

Output::Output(int fd) : fd_(fd), is_terminal_(isatty(fd) == 1) {}

void Output::Append(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) Flush();
}

void Output::Flush() {
  if (status_.ok()) {
    if (const int error = WriteAll(fd_, buffer_); error != 0) {
      status_ = Status::FromErrno(error, fd_ == STDOUT_FILENO ? "cannot write to standard output"
                                                              : "cannot write to standard error");
    }
  }
  buffer_.clear();
}

}  // namespace tapir::cli
