#include "tests/jobs/windows_objects.h"

#include <utility>

#include "tests/support/memory_source.h"

namespace tapir::test {
namespace {

MemoryContents ContentsOf(const WindowsStream& stream, bool encrypted) {
  MemoryContents contents;
  contents.incompressible = encrypted;
  contents.size = stream.bytes.size();
  const std::vector<Extent> whole = {{0, stream.bytes.size()}};
  if (stream.extents == whole) {
    contents.bytes = stream.bytes;
    return contents;
  }
  for (const Extent& extent : stream.extents) {
    contents.ranges.emplace_back(extent.offset_bytes,
                                 stream.bytes.substr(extent.offset_bytes, extent.length_bytes));
  }
  return contents;
}

MemoryObject InMemory(const WindowsObject& from) {
  const bool encrypted = !from.ntfs.efs_metadata.empty();
  MemoryObject object;
  auto stream = from.streams.begin();
  if (from.type == ObjectType::kRegular && stream != from.streams.end()) {
    static_cast<MemoryContents&>(object) = ContentsOf(*stream++, encrypted);
  }
  for (; stream != from.streams.end(); ++stream) {
    object.further_streams.push_back({ContentsOf(*stream, encrypted), stream->name});
  }
  object.path = from.path;
  object.type = from.type;
  object.inode = from.inode;
  object.link_count = from.link_count;
  object.metadata.path_encoding = PathEncoding::kWtf8;
  object.metadata.mode = 0644;
  object.metadata.ntfs = std::make_shared<NtfsMetadata>(from.ntfs);
  return object;
}

}  // namespace

std::shared_ptr<ObjectSource> MakeWindowsSource(const std::vector<WindowsObject>& objects) {
  std::vector<MemoryObject> in_memory;
  for (const WindowsObject& object : objects) in_memory.push_back(InMemory(object));
  return std::make_shared<MemorySource>(std::move(in_memory));
}

}  // namespace tapir::test
