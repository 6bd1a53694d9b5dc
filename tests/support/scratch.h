#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tapir::test {

/// A folder that goes away with the test.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string At(std::string_view name) const { return folder_ + "/" + std::string(name); }
  /// Writes a file and returns its path; missing directories above it are made.
  std::string Put(std::string_view name, std::string_view contents) const;
  std::string Put(std::string_view name, const std::vector<std::byte>& contents) const;

 private:
  std::string folder_;
};

/// All bytes of a file, none where there is no such file. Read at once: a sanitizer makes an
/// iterator over each byte slow.
std::string BytesOfFile(const std::string& path);

}  // namespace tapir::test
