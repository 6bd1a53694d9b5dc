#pragma once

#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir::cli {

/// A file that is written at once: whoever reads it meanwhile sees all of the old or all of the new
/// one. What is there and no regular file is written to directly. One thread.
class OutputFile {
 public:
  OutputFile() = default;
  /// Removes what was not completed.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Once, before the others. Device errors, with the name.
  Status Open(const std::string& path);
  /// A device error of this or an earlier call.
  Status Append(std::string_view text);
  /// All that was appended is on the disk, and stands under the name.
  Status Complete();

 private:
  void Flush();
  Status Outcome() const;

  std::string path_;
  std::string temporary_;  ///< empty: written to directly, or complete
  std::string buffer_;
  int fd_ = -1;
  int error_ = 0;  ///< errno
};

}  // namespace tapir::cli
