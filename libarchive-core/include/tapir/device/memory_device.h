#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/device/block_device.h"

namespace tapir {

struct MemoryDeviceOptions {
  /// Block boundaries and filemarks are kept and object numbers are the addresses; writing before
  /// the end drops everything behind, as a drive does. Else blocks lie end to end as in a file and
  /// writing before the end is refused.
  bool like_tape = false;
  /// Bytes of blocks it holds.
  std::optional<uint64_t> capacity_bytes;
  /// Writes that end within this distance of the capacity answer kEarlyWarning.
  uint64_t early_warning_bytes = 0;
};

/// A medium in memory, with verbs to damage it. Not thread-safe.
class MemoryDevice final : public BlockDevice {
 public:
  explicit MemoryDevice(const MemoryDeviceOptions& options = {}) : options_(options) {}
  /// Holds a copy of an image, not like a tape. The position is the start.
  static std::unique_ptr<MemoryDevice> FromBytes(std::vector<std::byte> bytes);

  DeviceTraits traits() const override;
  DevicePosition position() const override { return position_; }
  std::string name() const override { return options_.like_tape ? "memory tape" : "memory"; }
  Result<ReadOutcome> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) override;
  Status Locate(const DevicePosition& to) override;
  Status LocateEnd() override;
  Status Sync() override;
  Status Erase() override;
  /// -1 like a tape.
  int64_t LengthBytes() const override;
  uint64_t DataEndBefore(uint64_t offset_bytes) override;

  /// All bytes of all blocks, marks left out.
  const std::vector<std::byte>& bytes() const { return bytes_; }
  /// Blocks and filemarks; 0 if it is not like a tape.
  uint64_t object_count() const { return objects_.size(); }

  /// Inverts the bits of `mask` in one byte. Precondition: it exists.
  void Flip(uint64_t offset_bytes, uint8_t mask = 1);
  /// Drops all bytes from `length_bytes` on; like a tape, with the block they belong to shortened.
  void Cut(uint64_t length_bytes);
  /// What a power cut may leave at least: everything after the last Sync is gone.
  void DropUnsynced();
  /// What a power cut may leave too: each 4 KiB unit since the last Sync is there or zero, chosen
  /// by `seed`. Not like a tape.
  void ScatterUnsynced(uint64_t seed);

 private:
  struct Object {
    bool is_filemark = false;
    uint64_t offset_bytes = 0;
    size_t size = 0;
  };

  Result<ReadOutcome> ReadObject(std::span<std::byte> buffer);
  uint64_t length() const { return bytes_.size(); }
  void DropObjectsFrom(uint64_t object);

  MemoryDeviceOptions options_;
  std::vector<std::byte> bytes_;
  std::vector<Object> objects_;
  DevicePosition position_;
  uint64_t synced_bytes_ = 0;
  uint64_t synced_objects_ = 0;
};

}  // namespace tapir
