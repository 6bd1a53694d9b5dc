#include "tests/jobs/windows_objects.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tapir::test {
namespace {

constexpr uint64_t kDevice = 77;

class ObjectInMemory : public SourceObject {
 public:
  explicit ObjectInMemory(WindowsObject object) : object_(std::move(object)) {}

  Status Open(Metadata& metadata, std::vector<std::string>&) override {
    metadata.path = object_.path;
    metadata.path_encoding = PathEncoding::kWtf8;
    metadata.type = object_.type;
    metadata.mode = 0644;
    metadata.link_count = object_.link_count;
    metadata.ntfs = std::make_shared<NtfsMetadata>(object_.ntfs);
    uint32_t number = FirstNumber();
    for (const WindowsStream& stream : object_.streams) {
      if (number == 0) metadata.size = stream.bytes.size();
      if (number != 0) metadata.further_streams.push_back({number, stream.name});
      ++number;
    }
    return OkStatus();
  }
  Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> buffer) override {
    return ReadStreamAt(0, offset, buffer);
  }
  Result<std::vector<Extent>> Extents(uint64_t size) override { return StreamExtents(0, size); }
  std::vector<SourceStream> Streams() override {
    std::vector<SourceStream> streams;
    for (const WindowsStream& stream : object_.streams) {
      const auto number = static_cast<uint32_t>(FirstNumber() + streams.size());
      streams.push_back({number, stream.bytes.size(), !object_.ntfs.efs_metadata.empty()});
    }
    return streams;
  }
  Result<size_t> ReadStreamAt(uint32_t number, uint64_t offset,
                              std::span<std::byte> buffer) override {
    const std::string& bytes = Stream(number).bytes;
    if (offset >= bytes.size()) return size_t{0};
    const size_t size = std::min<size_t>(buffer.size(), bytes.size() - offset);
    std::memcpy(buffer.data(), &bytes[offset], size);
    return size;
  }
  Result<std::vector<Extent>> StreamExtents(uint32_t number, uint64_t) override {
    std::vector<Extent> extents = Stream(number).extents;
    std::erase_if(extents, [](const Extent& extent) { return extent.length_bytes == 0; });
    return extents;
  }
  ObjectStatus Close() override { return ObjectStatus::kOk; }

 private:
  uint32_t FirstNumber() const { return object_.type == ObjectType::kRegular ? 0 : 1; }
  const WindowsStream& Stream(uint32_t number) const {
    return object_.streams.at(number - FirstNumber());
  }

  WindowsObject object_;
};

class SourceInMemory : public ObjectSource {
 public:
  explicit SourceInMemory(std::vector<WindowsObject> objects) : objects_(std::move(objects)) {}

  Result<std::optional<SourceItem>> Next() override {
    if (next_ == objects_.size()) return std::optional<SourceItem>();
    const WindowsObject& object = objects_[next_++];
    SourceItem item;
    item.path = object.path;
    item.type = object.type;
    item.identity.device = kDevice;
    item.identity.inode = object.inode != 0 ? object.inode : 1'000'000 + next_;
    item.link_count = object.link_count;
    if (!object.streams.empty()) item.identity.size = object.streams.front().bytes.size();
    item.further_streams = object.streams.size() > 1 || object.type == ObjectType::kDirectory ||
                           !object.ntfs.efs_metadata.empty();
    for (const WindowsStream& stream : object.streams) {
      const std::vector<Extent> whole = {{0, stream.bytes.size()}};
      item.may_have_holes |= stream.extents != whole;
    }
    item.object = std::make_shared<ObjectInMemory>(object);
    return std::optional(std::move(item));
  }
  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity&) override {
    for (const WindowsObject& object : objects_) {
      if (object.path == path) {
        return std::shared_ptr<SourceObject>(std::make_shared<ObjectInMemory>(object));
      }
    }
    return NotFound("no such object");
  }

 private:
  std::vector<WindowsObject> objects_;
  size_t next_ = 0;
};

}  // namespace

std::shared_ptr<ObjectSource> MakeWindowsSource(std::vector<WindowsObject> objects) {
  return std::make_shared<SourceInMemory>(std::move(objects));
}

}  // namespace tapir::test
