#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "ntfs/library.h"

namespace tapir::ntfs {

/// Names as libntfs-3g has them: little-endian units, anywhere.
inline std::u16string NameFrom(const void* units, size_t count) {
  std::u16string name(count, u'\0');
  const auto* bytes = static_cast<const std::byte*>(units);
  for (size_t i = 0; i < count; ++i) name[i] = LoadLe<char16_t>(bytes + 2 * i);
  return name;
}

/// A name to be given to libntfs-3g.
class LibraryName {
 public:
  explicit LibraryName(std::u16string_view name) : units_(name.begin(), name.end()) {}

  /// The library tells the unnamed attribute by its place in memory.
  ntfschar* get() { return units_.empty() ? AT_UNNAMED : units_.data(); }
  u8 size() const { return static_cast<u8>(units_.size()); }

 private:
  static_assert(sizeof(ntfschar) == sizeof(char16_t));
  std::vector<ntfschar> units_;
};

}  // namespace tapir::ntfs
