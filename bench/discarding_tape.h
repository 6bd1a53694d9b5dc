#pragma once

#include <string>

#include "tapir/device/block_device.h"

namespace tapir::bench {

/// A tape that takes everything at once and keeps nothing.
class DiscardingTape final : public BlockDevice {
 public:
  DeviceTraits traits() const override {
    return {.keeps_block_boundaries = true, .has_filemarks = true, .writable = true};
  }
  DevicePosition position() const override { return position_; }
  std::string name() const override { return "nowhere"; }
  Result<ReadOutcome> Read(std::span<std::byte>) override { return ReadOutcome{}; }
  Result<WriteOutcome> Write(std::span<const std::byte> block) override {
    position_.object += 1;
    position_.offset_bytes += block.size();
    return WriteOutcome::kWritten;
  }
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool) override {
    position_.object += count;
    return WriteOutcome::kWritten;
  }
  Status Locate(const DevicePosition& to) override {
    position_ = to;
    return OkStatus();
  }
  Status LocateEnd() override { return OkStatus(); }
  Status Sync() override { return OkStatus(); }

 private:
  DevicePosition position_;
};

}  // namespace tapir::bench
