#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tapir::fuzz {

/// A file without a name in a file system, used again by each input: what opens paths can be given
/// bytes. Ends the process if the system refuses.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Replaces the contents.
  void Set(std::span<const uint8_t> bytes);
  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace tapir::fuzz
