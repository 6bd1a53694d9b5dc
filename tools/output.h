#pragma once

#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir::cli {

/// A buffered writer to a descriptor that belongs to the process. Keeps its first failure; what
/// comes after it is dropped. One thread at a time.
class Output {
 public:
  explicit Output(int fd);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Append(std::string_view text);
  void Flush();

  bool is_terminal() const { return is_terminal_; }
  /// A device error naming the stream; EPIPE too.
  const Status& status() const { return status_; }

 private:
  int fd_;
  bool is_terminal_;
  std::string buffer_;
  Status status_;
};

/// Writes all of `text` and passes over interruptions. 0 or errno.
int WriteAll(int fd, std::string_view text);

}  // namespace tapir::cli
