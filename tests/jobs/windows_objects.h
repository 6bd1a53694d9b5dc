#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tapir/object/object_source.h"

namespace tapir::test {

/// A stream of an object of a Windows volume, as a source for NTFS gives it.
struct WindowsStream {
  std::string name;                                   ///< empty: the contents
  std::string bytes;                                  ///< holes as zeros
  std::vector<Extent> extents = {{0, bytes.size()}};  ///< with data
};

struct WindowsObject {
  std::string path;
  ObjectType type = ObjectType::kRegular;
  NtfsMetadata ntfs;
  std::vector<WindowsStream> streams;  ///< the contents first
  uint64_t inode = 0;                  ///< 0: one of its own
  uint32_t link_count = 1;
};

/// They come in path order.
std::shared_ptr<ObjectSource> MakeWindowsSource(const std::vector<WindowsObject>& objects);

}  // namespace tapir::test
