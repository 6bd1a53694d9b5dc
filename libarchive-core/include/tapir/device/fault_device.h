#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// The calls a FaultDevice counts. kAny counts all of them together.
enum class DeviceCall { kAny, kRead, kWrite, kWriteFilemarks, kLocate, kLocateEnd, kSync, kErase };

/// What goes wrong, and when. Calls are counted from 1 by their kind; 0 means never.
struct FaultPlan {
  struct Failure {
    DeviceCall call = DeviceCall::kAny;
    uint64_t nth = 0;
    Status status;              ///< must not be OK
    bool takes_effect = false;  ///< the medium is changed although the call fails
    bool lasting = false;       ///< so does every later call of the kind
  };
  /// Inverts bits of one byte of what the n-th Write gives or the n-th Read gets.
  struct Flip {
    DeviceCall call = DeviceCall::kRead;
    uint64_t nth = 0;
    size_t byte = 0;  ///< taken modulo the size
    uint8_t mask = 1;
  };

  std::vector<Failure> failures;
  std::vector<Flip> flips;
  uint64_t early_warning_at_write = 0;  ///< from this Write on
  uint64_t end_of_medium_at_write = 0;  ///< from this Write on
  /// This Read delivers half of what the base gave, rounded down but not to nothing. Where block
  /// boundaries are kept the rest is lost, as from a block that is shorter than it should be.
  uint64_t short_read_at = 0;
  /// This call of any kind and all later ones fail. `on_power_cut` is called once and takes away
  /// what was not synced, e.g. by MemoryDevice::DropUnsynced.
  uint64_t power_cut_at_call = 0;
  std::function<void()> on_power_cut;
};

/// Passes calls on to another device and makes some of them go wrong. Not thread-safe.
class FaultDevice final : public BlockDevice {
 public:
  /// `base` must outlive this.
  explicit FaultDevice(BlockDevice& base, FaultPlan plan = {});

  DeviceTraits traits() const override { return base_.traits(); }
  DevicePosition position() const override { return base_.position(); }
  std::string name() const override { return base_.name(); }
  Result<ReadOutcome> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) override;
  Status Locate(const DevicePosition& to) override;
  Status LocateEnd() override;
  Status Sync() override;
  Status Erase() override;
  Status KeepNote(std::span<const std::byte> note) override { return base_.KeepNote(note); }
  std::vector<std::byte> FindNote() override { return base_.FindNote(); }
  int64_t LengthBytes() const override { return base_.LengthBytes(); }
  uint64_t DataEndBefore(uint64_t offset_bytes) override {
    return base_.DataEndBefore(offset_bytes);
  }

  /// How often such a call was made.
  uint64_t calls(DeviceCall call) const { return counts_[static_cast<size_t>(call)]; }

 private:
  const FaultPlan::Failure* Count(DeviceCall call);
  bool IsDue(DeviceCall call, uint64_t nth) const { return nth != 0 && calls(call) == nth; }
  bool IsReached(DeviceCall call, uint64_t nth) const { return nth != 0 && calls(call) >= nth; }
  void Flip(DeviceCall call, std::span<std::byte> bytes) const;

  BlockDevice& base_;
  FaultPlan plan_;
  FaultPlan::Failure power_cut_;
  std::array<uint64_t, 8> counts_{};
};

}  // namespace tapir
