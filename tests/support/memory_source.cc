#include "tests/support/memory_source.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

#include "tapir/object/path_order.h"

namespace tapir::test {
namespace {

using Objects = std::shared_ptr<std::vector<MemoryObject>>;

SourceIdentity IdentityOf(const MemoryObject& object) {
  SourceIdentity identity;
  identity.device = 1;
  identity.inode = object.inode;
  identity.mtime = object.metadata.mtime;
  identity.size = object.listed_size.value_or(object.FullSize());
  return identity;
}

class OpenObject final : public StreamsObject {
 public:
  OpenObject(Objects objects, const MemoryObject& object, std::shared_ptr<SourceCounters> counters,
             uint64_t delay_seed, bool is_open)
      : objects_(std::move(objects)),
        object_(object),
        counters_(std::move(counters)),
        delay_seed_(delay_seed),
        open_(is_open) {}

  Status Open(Metadata& metadata, std::vector<std::string>& /*warnings*/) override {
    Delay();
    ++counters_->opened;
    if (object_.open_failure.code() == StatusCode::kNotFound) return object_.open_failure;
    metadata = object_.metadata;
    metadata.path = object_.path;
    metadata.type = object_.type;
    metadata.link_count = object_.link_count;
    metadata.size = HasContents() ? object_.FullSize() : 0;
    metadata.further_streams.clear();
    for (const MemoryStream& stream : object_.further_streams) {
      if (!object_.declares_streams) break;
      const auto number = static_cast<uint32_t>(metadata.further_streams.size() + 1);
      metadata.further_streams.push_back({number, stream.name});
    }
    open_ = object_.open_failure.ok();
    return object_.open_failure;
  }

  std::vector<SourceStream> Streams() override {
    std::vector<SourceStream> streams;
    if (HasContents()) streams.push_back({0, object_.FullSize(), object_.incompressible});
    uint32_t number = 0;
    for (const MemoryStream& stream : object_.further_streams) {
      streams.push_back({++number, stream.FullSize(), stream.incompressible});
    }
    return streams;
  }

  Result<size_t> ReadStreamAt(uint32_t number, uint64_t offset,
                              std::span<std::byte> buffer) override {
    if (!open_) ++counters_->misuse;
    ++readers_;
    Delay();
    ++counters_->reads;
    Result<size_t> got = number == 0
                             ? Copy(offset, buffer)
                             : CopyFrom(Stream(number), Stream(number).FullSize(), offset, buffer);
    if (!open_) ++counters_->misuse;
    --readers_;
    return got;
  }

  Result<std::vector<Extent>> StreamExtents(uint32_t number, uint64_t size) override {
    std::vector<Extent> extents = Stream(number).Extents();
    std::erase_if(extents, [&](const Extent& extent) { return extent.offset_bytes >= size; });
    return extents;
  }

  ObjectStatus Close() override {
    if (!open_ && object_.open_failure.ok()) ++counters_->misuse;
    if (readers_ > 0) ++counters_->misuse;
    open_ = false;
    return object_.closes_as;
  }

 private:
  bool HasContents() const { return object_.type == ObjectType::kRegular; }

  const MemoryContents& Stream(uint32_t number) const {
    if (number == 0) return object_;
    return object_.further_streams.at(number - 1);
  }

  Result<size_t> Copy(uint64_t offset, std::span<std::byte> buffer) {
    const uint64_t end = object_.ends_at.value_or(object_.FullSize());
    const uint64_t past = std::min<uint64_t>(end, offset + buffer.size());
    if (object_.fails_at && offset < end && past > *object_.fails_at) {
      return DeviceError("input error");
    }
    return CopyFrom(object_, end, offset, buffer);
  }

  size_t CopyFrom(const MemoryContents& stream, uint64_t end, uint64_t offset,
                  std::span<std::byte> buffer) {
    if (offset >= end) return 0;
    buffer = buffer.first(std::min<uint64_t>(buffer.size(), end - offset));
    stream.CopyOut(offset, buffer);
    counters_->bytes_read += buffer.size();
    return buffer.size();
  }

  void Delay() {
    if (delay_seed_ == 0) return;
    std::minstd_rand random(static_cast<unsigned>(delay_seed_ + calls_.fetch_add(1) * 977 +
                                                  reinterpret_cast<uintptr_t>(this)));
    random.discard(3);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  }

  Objects objects_;
  const MemoryObject& object_;
  std::shared_ptr<SourceCounters> counters_;
  uint64_t delay_seed_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<bool> open_;
  std::atomic<int> readers_{0};
};

}  // namespace

uint64_t MemoryContents::FullSize() const {
  if (size) return *size;
  uint64_t end = bytes.size();
  for (const auto& [offset, data] : ranges) end = std::max<uint64_t>(end, offset + data.size());
  return end;
}

void MemoryContents::CopyOut(uint64_t offset, std::span<std::byte> out) const {
  std::memset(out.data(), 0, out.size());
  auto overlay = [&](uint64_t at, std::string_view data) {
    uint64_t begin = std::max(at, offset);
    uint64_t end = std::min(at + data.size(), offset + out.size());
    if (begin >= end) return;
    std::memcpy(out.data() + (begin - offset), data.data() + (begin - at), end - begin);
  };
  overlay(0, bytes);
  for (const auto& [at, data] : ranges) overlay(at, data);
}

std::vector<Extent> MemoryContents::Extents() const {
  std::vector<Extent> extents;
  if (!bytes.empty()) extents.push_back({0, bytes.size()});
  for (const auto& [offset, data] : ranges) extents.push_back({offset, data.size()});
  return extents;
}

MemorySource::MemorySource(std::vector<MemoryObject> objects, uint64_t delay_seed)
    : objects_(std::make_shared<std::vector<MemoryObject>>(std::move(objects))),
      counters_(std::make_shared<SourceCounters>()),
      delay_seed_(delay_seed) {
  std::sort(objects_->begin(), objects_->end(), [](const auto& left, const auto& right) {
    return ComparePaths(left.path, right.path) < 0;
  });
  uint64_t inode = 1'000'000;
  for (MemoryObject& object : *objects_) {
    if (object.inode == 0) object.inode = ++inode;
  }
}

Result<std::optional<SourceItem>> MemorySource::Next() {
  if (next_ == fail_at_) return failure_;
  if (next_ == cancel_at_) *cancelled_ = true;
  if (next_ == objects_->size()) return std::optional<SourceItem>();
  const MemoryObject& object = (*objects_)[next_++];
  SourceItem item;
  item.path = object.path;
  item.type = object.type;
  item.identity = IdentityOf(object);
  item.link_count = object.link_count;
  item.may_have_holes = object.sparse();
  item.further_streams = object.has_further_streams();
  item.object = std::make_shared<OpenObject>(objects_, object, counters_, delay_seed_, false);
  return std::optional<SourceItem>(std::move(item));
}

Result<std::shared_ptr<SourceObject>> MemorySource::Reopen(const std::string& path,
                                                           const SourceIdentity& identity) {
  ++counters_->reopened;
  for (const MemoryObject& object : *objects_) {
    if (object.path != path) continue;
    if (!object.reopens || !(IdentityOf(object) == identity)) break;
    return std::shared_ptr<SourceObject>(
        std::make_shared<OpenObject>(objects_, object, counters_, delay_seed_, true));
  }
  return NotFound("changed since");
}

void MemorySource::FailAt(size_t index, Status status) {
  fail_at_ = index;
  failure_ = std::move(status);
}

void MemorySource::CancelAt(size_t index, std::atomic<bool>* flag) {
  cancel_at_ = index;
  cancelled_ = flag;
}

}  // namespace tapir::test
