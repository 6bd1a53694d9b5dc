#include "tapir/device/memory_device.h"
#include "tapir/base/limits.h"

#include <algorithm>
#include <random>
#include <utility>

#include "device/data_end.h"

namespace tapir {

namespace {}

std::unique_ptr<MemoryDevice> MemoryDevice::FromBytes(std::vector<std::byte> bytes) {
  auto device = std::make_unique<MemoryDevice>();
  device->bytes_ = std::move(bytes);
  device->synced_bytes_ = device->length();
  return device;
}

DeviceTraits MemoryDevice::traits() const {
  return {.keeps_block_boundaries = options_.like_tape,
          .has_filemarks = options_.like_tape,
          .can_locate = true,
          .writable = true};
}

Result<ReadOutcome> MemoryDevice::Read(std::span<std::byte> buffer) {
  if (options_.like_tape) return ReadObject(buffer);
  uint64_t offset = position_.offset_bytes;
  if (offset >= length()) return ReadOutcome{};
  size_t size = std::min<uint64_t>(buffer.size(), length() - offset);
  std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(offset), size, buffer.begin());
  position_.offset_bytes += size;
  return ReadOutcome{ReadKind::kData, size};
}

Result<ReadOutcome> MemoryDevice::ReadObject(std::span<std::byte> buffer) {
  if (position_.object >= objects_.size()) return ReadOutcome{};
  const Object& object = objects_[position_.object++];
  if (object.is_filemark) return ReadOutcome{ReadKind::kFilemark, 0};
  position_.offset_bytes = object.offset_bytes + object.size;
  if (object.size > buffer.size()) {
    return LimitExceeded("object " + std::to_string(position_.object - 1) + " is a block of " +
                         std::to_string(object.size) + " bytes, longer than the buffer of " +
                         std::to_string(buffer.size()));
  }
  std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(object.offset_bytes), object.size,
              buffer.begin());
  return ReadOutcome{ReadKind::kData, object.size};
}

Result<WriteOutcome> MemoryDevice::Write(std::span<const std::byte> block) {
  if (block.size() % limits::kUnitBytes != 0) {
    return InvalidArgument("a block of " + std::to_string(block.size()) +
                           " bytes is not a multiple of 4096");
  }
  if (options_.like_tape) {
    DropObjectsFrom(position_.object);
  } else if (uint64_t unit_end =
                 (length() + limits::kUnitBytes - 1) / limits::kUnitBytes * limits::kUnitBytes;
             position_.offset_bytes != unit_end) {
    return InvalidArgument("will not write memory at byte " +
                           std::to_string(position_.offset_bytes) + ": it ends at " +
                           std::to_string(length()));
  }
  uint64_t begin = options_.like_tape ? length() : position_.offset_bytes;
  uint64_t end = begin + block.size();
  if (options_.capacity_bytes && end > *options_.capacity_bytes) return WriteOutcome::kEndOfMedium;
  bytes_.resize(begin);
  bytes_.insert(bytes_.end(), block.begin(), block.end());
  if (options_.like_tape) objects_.push_back({false, begin, block.size()});
  position_ = {position_.object + 1, end};
  bool near_end =
      options_.capacity_bytes && end + options_.early_warning_bytes > *options_.capacity_bytes;
  return near_end ? WriteOutcome::kEarlyWarning : WriteOutcome::kWritten;
}

Result<WriteOutcome> MemoryDevice::WriteFilemarks(uint32_t count, bool immediate) {
  if (!options_.like_tape) return WriteOutcome::kWritten;
  DropObjectsFrom(position_.object);
  objects_.insert(objects_.end(), count, Object{true, length(), 0});
  position_.object += count;
  // A drive writes out its buffer before a mark that is waited for.
  if (!immediate) TAPIR_RETURN_IF_ERROR(Sync());
  return WriteOutcome::kWritten;
}

Status MemoryDevice::Locate(const DevicePosition& to) {
  if (options_.like_tape && to.object > objects_.size()) {
    position_ = {objects_.size(), length()};
    return DeviceError("no object " + std::to_string(to.object) + ": the data ends at object " +
                       std::to_string(objects_.size()));
  }
  position_ = to;
  return OkStatus();
}

Status MemoryDevice::LocateEnd() {
  if (options_.like_tape) {
    position_ = {objects_.size(), length()};
  } else {
    position_.offset_bytes =
        (length() + limits::kUnitBytes - 1) / limits::kUnitBytes * limits::kUnitBytes;
  }
  return OkStatus();
}

Status MemoryDevice::Sync() {
  synced_bytes_ = length();
  synced_objects_ = objects_.size();
  return OkStatus();
}

Status MemoryDevice::Erase() {
  bytes_.clear();
  objects_.clear();
  position_ = {};
  synced_bytes_ = 0;
  synced_objects_ = 0;
  return OkStatus();
}

int64_t MemoryDevice::LengthBytes() const {
  return options_.like_tape ? -1 : static_cast<int64_t>(length());
}

uint64_t MemoryDevice::DataEndBefore(uint64_t offset_bytes) {
  if (options_.like_tape) return offset_bytes;
  return internal::LastDataEnd(std::span(bytes_).first(std::min(offset_bytes, length())));
}

void MemoryDevice::Flip(uint64_t offset_bytes, uint8_t mask) {
  bytes_.at(offset_bytes) ^= std::byte{mask};
}

void MemoryDevice::Cut(uint64_t length_bytes) {
  if (length_bytes >= length()) return;
  while (!objects_.empty() && objects_.back().offset_bytes >= length_bytes) objects_.pop_back();
  if (!objects_.empty()) {
    Object& last = objects_.back();
    last.size = std::min<uint64_t>(last.size, length_bytes - last.offset_bytes);
  }
  bytes_.resize(length_bytes);
}

void MemoryDevice::DropUnsynced() {
  if (options_.like_tape) {
    DropObjectsFrom(synced_objects_);
  } else {
    Cut(synced_bytes_);
  }
}

void MemoryDevice::ScatterUnsynced(uint64_t seed) {
  std::mt19937_64 random(seed);
  for (uint64_t unit = synced_bytes_; unit < length(); unit += limits::kUnitBytes) {
    if (random() % 2 == 0) continue;
    auto begin = bytes_.begin() + static_cast<ptrdiff_t>(unit);
    std::fill_n(begin, std::min<uint64_t>(limits::kUnitBytes, length() - unit), std::byte{0});
  }
}

void MemoryDevice::DropObjectsFrom(uint64_t object) {
  if (object >= objects_.size()) return;
  bytes_.resize(objects_[object].offset_bytes);
  objects_.resize(object);
  synced_bytes_ = std::min(synced_bytes_, length());
  synced_objects_ = std::min<uint64_t>(synced_objects_, object);
}

}  // namespace tapir
