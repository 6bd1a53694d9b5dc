#include "tapir/device/tape_block_device.h"
#include "tapir/base/limits.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "device/tape/coherency.h"

namespace tapir {

Result<std::unique_ptr<TapeBlockDevice>> TapeBlockDevice::Create(std::unique_ptr<TapeDrive> drive) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<TapeBlockDevice> device, Borrow(*drive));
  device->owned_ = std::move(drive);
  return device;
}

Result<std::unique_ptr<TapeBlockDevice>> TapeBlockDevice::Borrow(TapeDrive& tape) {
  std::unique_ptr<TapeBlockDevice> device(new TapeBlockDevice(tape));
  TAPIR_ASSIGN_OR_RETURN(TapeMediaParameters media, tape.GetTapeMediaParameters());
  TAPIR_ASSIGN_OR_RETURN(TapeDriveParameters parameters, tape.GetTapeDriveParameters());
  bool variable = (parameters.features_low & tape_features_low::kVariableBlock) != 0;
  if (variable && media.block_bytes != 0) TAPIR_RETURN_IF_ERROR(tape.SetTapeMediaParameters(0));
  DeviceTraits& traits = device->traits_;
  traits.keeps_block_boundaries = true;
  traits.has_filemarks = true;
  traits.can_locate = true;
  traits.writable = !media.write_protected;
  traits.max_block_bytes = std::min(parameters.max_block_bytes, traits.max_block_bytes);
  TAPIR_RETURN_IF_ERROR(device->Locate({}));
  return device;
}

// The failure, after asking where the drive stands now. What it does not know stays as it was.
Status TapeBlockDevice::Failed(Status status) {
  Result<TapePosition> position = drive_->GetTapePosition(TapePositionType::kLogical);
  if (position.ok()) position_.object = position->block;
  // Drives name themselves in most of what they say.
  bool named = status.message().find(name()) != std::string::npos;
  return named ? status : std::move(status).Annotate(name());
}

Result<ReadOutcome> TapeBlockDevice::Read(std::span<std::byte> buffer) {
  Result<TapeRead> read = drive_->Read(buffer);
  if (!read.ok()) {
    bool too_long = TapeErrorOf(read.status()) == TapeError::kInvalidBlockLength;
    Status failure = Failed(std::move(read).status());
    return too_long ? LimitExceeded(failure.message()) : failure;
  }
  switch (read->kind) {
    case TapeReadKind::kEndOfData: return ReadOutcome{};
    case TapeReadKind::kSetmark:
    case TapeReadKind::kFilemark: ++position_.object; return ReadOutcome{ReadKind::kFilemark, 0};
    case TapeReadKind::kBlock: break;
  }
  ++position_.object;
  position_.offset_bytes += read->size;
  return ReadOutcome{ReadKind::kData, read->size};
}

Result<WriteOutcome> TapeBlockDevice::Write(std::span<const std::byte> block) {
  if (block.size() % limits::kUnitBytes != 0) {
    return InvalidArgument("a block of " + std::to_string(block.size()) +
                           " bytes is not a multiple of 4096");
  }
  Result<WriteOutcome> outcome = drive_->Write(block);
  if (!outcome.ok()) return Failed(std::move(outcome).status());
  if (*outcome == WriteOutcome::kEndOfMedium) return outcome;
  ++position_.object;
  position_.offset_bytes += block.size();
  return outcome;
}

Result<WriteOutcome> TapeBlockDevice::WriteFilemarks(uint32_t count, bool immediate) {
  Result<WriteOutcome> outcome = drive_->WriteTapemark(TapeMark::kFilemark, count, immediate);
  if (!outcome.ok()) return Failed(std::move(outcome).status());
  if (*outcome != WriteOutcome::kEndOfMedium) position_.object += count;
  return outcome;
}

Status TapeBlockDevice::Locate(const DevicePosition& to) {
  auto locate = [&] {
    // A drive knows its beginning without counting.
    if (to.object == 0) return drive_->SetTapePosition(TapePositioning::kRewind, 0, 0, false);
    return drive_->SetTapePosition(TapePositioning::kLogicalBlock, 0,
                                   static_cast<int64_t>(to.object), false);
  };
  Status located = locate();
  // Switched off and on, a drive may have its cartridge in it and not loaded.
  if (TapeErrorOf(located) == TapeError::kNotReady) {
    TAPIR_RETURN_IF_ERROR(drive_->MakeReady({}));
    located = locate();
  }
  if (!located.ok()) return Failed(std::move(located));
  position_ = to;
  return OkStatus();
}

Status TapeBlockDevice::LocateEnd() {
  Status located = drive_->SetTapePosition(TapePositioning::kEndOfData, 0, 0, false);
  if (!located.ok()) return Failed(std::move(located));
  Result<TapePosition> position = drive_->GetTapePosition(TapePositionType::kLogical);
  if (!position.ok()) return std::move(position).status().Annotate(name());
  position_ = {position->block, 0};
  return OkStatus();
}

Status TapeBlockDevice::Sync() {
  Result<WriteOutcome> outcome = drive_->WriteTapemark(TapeMark::kFilemark, 0, false);
  return outcome.ok() ? OkStatus() : Failed(std::move(outcome).status());
}

Status TapeBlockDevice::KeepNote(std::span<const std::byte> note) {
  Result<std::vector<std::byte>> reference =
      drive_->ReadAttribute(TapeAttribute::kVolumeChangeReference);
  if (!reference.ok()) return OkStatus();
  return drive_->WriteAttribute(TapeAttribute::kVolumeCoherency,
                                EncodeCoherency({*reference, position_.object, note}));
}

std::vector<std::byte> TapeBlockDevice::FindNote() {
  Result<std::vector<std::byte>> coherency = drive_->ReadAttribute(TapeAttribute::kVolumeCoherency);
  if (!coherency.ok()) return {};
  std::optional<Coherency> kept = DecodeCoherency(*coherency);
  Result<std::vector<std::byte>> reference =
      drive_->ReadAttribute(TapeAttribute::kVolumeChangeReference);
  bool unchanged = kept && reference.ok() && std::ranges::equal(kept->change_reference, *reference);
  return unchanged ? std::vector<std::byte>(kept->note.begin(), kept->note.end())
                   : std::vector<std::byte>();
}

Status TapeBlockDevice::Erase() {
  TAPIR_RETURN_IF_ERROR(Locate({}));
  Status erased = drive_->EraseTape(TapeEraseType::kShort, false);
  return erased.ok() ? OkStatus() : Failed(std::move(erased));
}

}  // namespace tapir
