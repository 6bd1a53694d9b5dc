#include "tapir/device/fault_device.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace tapir {

FaultDevice::FaultDevice(BlockDevice& base, FaultPlan plan) : base_(base), plan_(std::move(plan)) {
  power_cut_.status = Status::FromErrno(EIO, "power cut");
}

const FaultPlan::Failure* FaultDevice::Count(DeviceCall call) {
  ++counts_[static_cast<size_t>(DeviceCall::kAny)];
  ++counts_[static_cast<size_t>(call)];
  if (IsDue(DeviceCall::kAny, plan_.power_cut_at_call) && plan_.on_power_cut) plan_.on_power_cut();
  if (IsReached(DeviceCall::kAny, plan_.power_cut_at_call)) return &power_cut_;
  for (const FaultPlan::Failure& failure : plan_.failures) {
    if (failure.call != call && failure.call != DeviceCall::kAny) continue;
    if (IsDue(failure.call, failure.nth)) return &failure;
    if (failure.lasting && IsReached(failure.call, failure.nth)) return &failure;
  }
  return nullptr;
}

void FaultDevice::Flip(DeviceCall call, std::span<std::byte> bytes) const {
  for (const FaultPlan::Flip& flip : plan_.flips) {
    if (flip.call != call || !IsDue(call, flip.nth) || bytes.empty()) continue;
    bytes[flip.byte % bytes.size()] ^= std::byte{flip.mask};
  }
}

Result<ReadOutcome> FaultDevice::Read(std::span<std::byte> buffer) {
  const FaultPlan::Failure* failure = Count(DeviceCall::kRead);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  TAPIR_ASSIGN_OR_RETURN(ReadOutcome outcome, base_.Read(buffer));
  if (failure != nullptr) return failure->status;
  if (IsDue(DeviceCall::kRead, plan_.short_read_at) && outcome.size > 1) {
    DevicePosition back = base_.position();
    size_t kept = outcome.size / 2;
    back.offset_bytes -= outcome.size - kept;
    if (base_.traits().can_locate && !base_.traits().keeps_block_boundaries) {
      TAPIR_RETURN_IF_ERROR(base_.Locate(back));
    }
    outcome.size = kept;
  }
  Flip(DeviceCall::kRead, buffer.first(outcome.size));
  return outcome;
}

Result<WriteOutcome> FaultDevice::Write(std::span<const std::byte> block) {
  const FaultPlan::Failure* failure = Count(DeviceCall::kWrite);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  if (IsReached(DeviceCall::kWrite, plan_.end_of_medium_at_write)) {
    return WriteOutcome::kEndOfMedium;
  }
  std::vector<std::byte> copy(block.begin(), block.end());
  Flip(DeviceCall::kWrite, copy);
  TAPIR_ASSIGN_OR_RETURN(WriteOutcome outcome, base_.Write(copy));
  if (failure != nullptr) return failure->status;
  bool warns = IsReached(DeviceCall::kWrite, plan_.early_warning_at_write);
  return warns && outcome == WriteOutcome::kWritten ? WriteOutcome::kEarlyWarning : outcome;
}

Result<WriteOutcome> FaultDevice::WriteFilemarks(uint32_t count, bool immediate) {
  const FaultPlan::Failure* failure = Count(DeviceCall::kWriteFilemarks);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  Result<WriteOutcome> outcome = base_.WriteFilemarks(count, immediate);
  if (failure != nullptr) return failure->status;
  return outcome;
}

Status FaultDevice::Locate(const DevicePosition& to) {
  const FaultPlan::Failure* failure = Count(DeviceCall::kLocate);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  Status status = base_.Locate(to);
  if (failure != nullptr) return failure->status;
  return status;
}

Status FaultDevice::LocateEnd() {
  const FaultPlan::Failure* failure = Count(DeviceCall::kLocateEnd);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  Status status = base_.LocateEnd();
  if (failure != nullptr) return failure->status;
  return status;
}

Status FaultDevice::Erase() {
  const FaultPlan::Failure* failure = Count(DeviceCall::kErase);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  Status status = base_.Erase();
  if (failure != nullptr) return failure->status;
  return status;
}

Status FaultDevice::Sync() {
  const FaultPlan::Failure* failure = Count(DeviceCall::kSync);
  if (failure != nullptr && !failure->takes_effect) return failure->status;
  Status status = base_.Sync();
  if (failure != nullptr) return failure->status;
  return status;
}

}  // namespace tapir
