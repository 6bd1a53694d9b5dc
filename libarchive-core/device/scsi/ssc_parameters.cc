// What the drive can do and how it is set.

#include <fmt/format.h>

#include <algorithm>

#include "bytes/big_endian.h"
#include "device/scsi/ssc_drive.h"

namespace tapir::scsi {
namespace {

// Log page 31h and the capacity attributes count in these (SPC).
constexpr unsigned kCapacityShift = 20;
constexpr uint32_t kMegabyte = 1000000;
constexpr uint32_t kUsualBlockBytes = 64u << 10;
constexpr size_t kCompressionBytes = 4;
constexpr size_t kWarningBytes = 8;

uint32_t If(bool condition, uint32_t bits) { return condition ? bits : 0u; }

}  // namespace

uint32_t SscDrive::PartitionFeatures(TapeDriveParameters& parameters) {
  Result<ModeReply> now = modes_.Read(mode_page::kPartition);
  std::optional<PartitionPage> page;
  if (now.ok()) page = ParsePartitions(now->page);
  if (!page) return 0;
  parameters.max_partition_count = page->max_additional + 1u;
  // Current values show the way that is in use; changeable ones, all ways there are.
  Result<ModeReply> can = modes_.Read(mode_page::kPartition, 0, ModeAccess::Values::kChangeable);
  if (can.ok()) page = ParsePartitions(can->page).value_or(*page);
  return If(page->fixed, tape_features_low::kFixed) | If(page->select, tape_features_low::kSelect) |
         If(page->initiator, tape_features_low::kInitiator);
}

uint32_t SscDrive::FeaturesLow() {
  using namespace tape_features_low;
  bool capacity = runner_.Has(opcode::kReadAttribute) || runner_.Has(opcode::kLogSense);
  if (capacity) {
    TapeMediaParameters media;
    FillCapacity(media);
    capacity = media.capacity_bytes >= 0;
  }
  return If(runner_.Has(opcode::kErase6), kEraseShort | kEraseLong | kEraseImmediate) |
         If(capacity, kTapeCapacity | kTapeRemaining) |
         If(runner_.Has(opcode::kModeSelect6) || runner_.Has(opcode::kModeSelect10), kFixedBlock) |
         kVariableBlock | kWriteProtect | kGetLogicalBlock | kGetAbsoluteBlock |
         If(runner_.Has(opcode::kLoadUnload), kEjectMedia) |
         If(runner_.Has(opcode::kLogSense), kCleanRequests);
}

uint32_t SscDrive::FeaturesHigh() {
  using namespace tape_features_high;
  bool locates =
      position_.DriveTells() && (runner_.Has(opcode::kLocate10) || runner_.Has(opcode::kLocate16));
  return If(runner_.Has(opcode::kLoadUnload),
            kLoadUnload | kLoadUnloadImmediate | kTension | kTensionImmediate) |
         If(runner_.Has(opcode::kPreventAllow), kLockUnlock) | kRewindImmediate |
         If(runner_.Has(opcode::kModeSelect6) || runner_.Has(opcode::kModeSelect10),
            kSetBlockSize) |
         kAbsoluteBlock | kLogicalBlock |
         If(locates, kAbsoluteBlockImmediate | kLogicalBlockImmediate) | kEndOfData |
         kRelativeBlocks | kFilemarks | kReversePosition | kWriteFilemarks | kWriteMarkImmediate |
         If(runner_.Has(opcode::kFormatMedium), kFormat | kFormatImmediate);
}

Result<TapeDriveParameters> SscDrive::GetTapeDriveParameters() {
  TapeDriveParameters parameters;
  parameters.max_block_bytes = MaxBlockBytes();
  parameters.min_block_bytes = limits_ ? std::max<uint32_t>(limits_->min_bytes, 1) : 1;
  Result<ModeReply> defaults = modes_.Read(0, 0, ModeAccess::Values::kDefault);
  uint32_t preset = defaults.ok() ? defaults->block_bytes : 0;
  parameters.default_block_bytes = std::clamp(
      preset != 0 ? preset : kUsualBlockBytes,
      std::min(parameters.min_block_bytes, parameters.max_block_bytes), parameters.max_block_bytes);
  parameters.features_low = PartitionFeatures(parameters) | FeaturesLow();
  parameters.features_high = FeaturesHigh();
  Result<ModeReply> reply = modes_.Read(mode_page::kCompression);
  if (std::optional<CompressionPage> page;
      reply.ok() && (page = ParseCompression(reply->page)) && page->capable) {
    parameters.compression = page->enabled;
    parameters.features_low |= tape_features_low::kCompression;
    parameters.features_high |= tape_features_high::kSetCompression;
  }
  reply = modes_.Read(mode_page::kConfiguration, mode_page::kConfigurationExtension);
  if (std::optional<uint16_t> zone; reply.ok() && (zone = ParseWarningZone(reply->page))) {
    uint64_t bytes = uint64_t{*zone} * kMegabyte;
    parameters.eot_warning_zone_bytes =
        static_cast<uint32_t>(std::min<uint64_t>(bytes, UINT32_MAX));
    parameters.features_low |=
        tape_features_low::kEotWarningZoneSize | tape_features_low::kSetEotWarningZoneSize;
  }
  return parameters;
}

Result<uint32_t> SscDrive::CurrentPartition() {
  if (!position_.DriveTells()) return uint32_t{1};
  TAPIR_ASSIGN_OR_RETURN(TapePosition position, position_.Ask());
  return position.partition;
}

void SscDrive::FillCapacity(TapeMediaParameters& parameters) {
  auto number = [&](TapeAttribute attribute) -> int64_t {
    Result<std::vector<std::byte>> value = ReadAttribute(attribute);
    if (!value.ok() || value->size() != sizeof(uint64_t)) return -1;
    auto units = LoadBe<uint64_t>(value->data());
    return units >> (63 - kCapacityShift) != 0 ? -1 : static_cast<int64_t>(units << kCapacityShift);
  };
  parameters.capacity_bytes = number(TapeAttribute::kMaximumCapacity);
  parameters.remaining_bytes = number(TapeAttribute::kRemainingCapacity);
  if (parameters.capacity_bytes >= 0 || !runner_.Has(opcode::kLogSense)) return;
  Result<uint32_t> partition = CurrentPartition();
  Result<std::vector<std::byte>> log = ReadLog(log_page::kCapacity);
  if (!partition.ok() || !log.ok()) return;
  CapacityLog capacity = ParseCapacityLog(*log, *partition - 1);
  auto bytes = [](const std::optional<uint64_t>& units) -> int64_t {
    if (!units || *units >> (63 - kCapacityShift) != 0) return -1;
    return static_cast<int64_t>(*units << kCapacityShift);
  };
  parameters.capacity_bytes = bytes(capacity.maximum);
  parameters.remaining_bytes = bytes(capacity.remaining);
}

Result<TapeMediaParameters> SscDrive::GetTapeMediaParameters() {
  TAPIR_RETURN_IF_ERROR(runner_.Must(TestUnitReady(), "asking for the medium").status());
  TapeMediaParameters parameters{.block_bytes = block_bytes_};
  TAPIR_ASSIGN_OR_RETURN(ModeReply now, modes_.Read(0));
  parameters.write_protected = now.write_protected;
  FillCapacity(parameters);
  Result<ModeReply> reply = modes_.Read(mode_page::kPartition);
  if (std::optional<PartitionPage> page; reply.ok() && (page = ParsePartitions(reply->page))) {
    parameters.partition_count = page->additional + 1u;
  }
  return parameters;
}

Status SscDrive::SetCompression(bool wanted) {
  Result<ModeReply> now = modes_.ReadPage(mode_page::kCompression, 0, kCompressionBytes);
  if (!now.ok()) {
    // Without the page nothing is compressed.
    bool as_it_is = !wanted && TapeErrorOf(now.status()) == TapeError::kNotSupported;
    return as_it_is ? OkStatus() : now.status();
  }
  std::optional<CompressionPage> page = ParseCompression(now->page);
  if (!page || page->enabled == wanted) return OkStatus();
  if (!page->capable) return TapeFailure(TapeError::kNotSupported, name() + ": compression");
  scsi::SetCompression(now->page, wanted);
  return modes_.Change(*now, {.page = now->page});
}

Status SscDrive::SetWarningZone(uint32_t bytes) {
  constexpr uint8_t kPage = mode_page::kConfiguration;
  constexpr uint8_t kSubpage = mode_page::kConfigurationExtension;
  Result<ModeReply> now = modes_.ReadPage(kPage, kSubpage, kWarningBytes);
  if (!now.ok()) {
    bool as_it_is = bytes == 0 && TapeErrorOf(now.status()) == TapeError::kNotSupported;
    return as_it_is ? OkStatus() : now.status();
  }
  auto megabytes = static_cast<uint16_t>((uint64_t{bytes} + kMegabyte - 1) / kMegabyte);
  if (ParseWarningZone(now->page) == megabytes) return OkStatus();
  scsi::SetWarningZone(now->page, megabytes);
  return modes_.Change(*now, {.page = now->page});
}

Status SscDrive::SetTapeDriveParameters(const TapeDriveSettings& settings) {
  if (settings.ecc || settings.data_padding || settings.report_setmarks) {
    return TapeFailure(TapeError::kNotSupported,
                       name() + ": switching error correction, padding or setmarks");
  }
  TAPIR_RETURN_IF_ERROR(SetCompression(settings.compression));
  TAPIR_RETURN_IF_ERROR(SetWarningZone(settings.eot_warning_zone_bytes));
  settings_ = settings;
  return OkStatus();
}

Status SscDrive::SetTapeMediaParameters(uint32_t block_bytes) {
  constexpr std::string_view kDoing = "setting the block size";
  bool too_short = limits_ && block_bytes != 0 && block_bytes < limits_->min_bytes;
  if (block_bytes > MaxBlockBytes() || too_short) {
    return TapeFailure(TapeError::kInvalidParameter,
                       fmt::format("{}: {} to {}", name(), kDoing, block_bytes));
  }
  TAPIR_ASSIGN_OR_RETURN(ModeReply now, modes_.Read(0));
  TAPIR_RETURN_IF_ERROR(modes_.Change(now, {.block_bytes = block_bytes}));
  TAPIR_ASSIGN_OR_RETURN(ModeReply after, modes_.Read(0));
  if (after.block_bytes != block_bytes) {
    return TapeFailure(
        TapeError::kInvalidParameter,
        fmt::format("{}: {} to {}: it became {}", name(), kDoing, block_bytes, after.block_bytes));
  }
  block_bytes_ = block_bytes;
  runner_.SetStale();
  return runner_.Refresh();
}

}  // namespace tapir::scsi
