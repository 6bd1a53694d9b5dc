#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "source/directory.h"

namespace tapir::source {

/// Names of a directory's entries, sorted as bytes, compactly held.
class NameList {
 public:
  /// Adds all that the open directory `fd` lists but "." and "..", each once, in order. If the
  /// system fails meanwhile, what came before is kept and the errno returned; 0: all is there.
  int ReadFrom(int fd);

  size_t size() const { return starts_.size(); }
  /// NUL-terminated; valid as long as the list is not changed.
  const char* operator[](size_t index) const { return bytes_.data() + starts_[index]; }
  bool Contains(const char* name) const;
  /// Keeps only those for which keep(name) is true.
  template <typename Keep>
  void KeepIf(Keep keep) {
    std::erase_if(starts_, [&](size_t start) { return !keep(bytes_.data() + start); });
  }
  size_t cost_bytes() const { return bytes_.capacity() + starts_.capacity() * sizeof(size_t); }

 private:
  std::string bytes_;
  std::vector<size_t> starts_;
};

inline constexpr char kCacheTagName[] = "CACHEDIR.TAG";

/// Whether the directory `fd` holds a regular file CACHEDIR.TAG with the signature that makes it a
/// cache (bford.info/cachedir).
bool HasCacheTag(DirectoryCache& directories, int fd);

}  // namespace tapir::source
