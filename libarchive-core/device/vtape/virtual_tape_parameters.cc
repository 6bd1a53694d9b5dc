#include <algorithm>
#include <string>

#include "bytes/big_endian.h"
#include "bytes/cursor.h"
#include "device/vtape/drive_state.h"
#include "tapir/device/virtual_tape.h"

// What drive and medium are, and what is done with the medium as a whole.

namespace tapir {
namespace {

constexpr uint32_t kMaxBlockBytes = 8u << 20;
constexpr uint64_t kMegabyte = 1'000'000;
// No partition is of use below it.
constexpr uint64_t kSmallestPartitionBytes = kMegabyte;

uint32_t LowFeatures(const TapeProfile& profile) {
  namespace low = tape_features_low;
  uint32_t features = low::kFixed | low::kSelect | low::kInitiator | low::kEraseShort |
                      low::kEraseLong | low::kTapeCapacity | low::kTapeRemaining |
                      low::kFixedBlock | low::kVariableBlock | low::kWriteProtect |
                      low::kEotWarningZoneSize | low::kCompression | low::kGetAbsoluteBlock |
                      low::kGetLogicalBlock | low::kSetEotWarningZoneSize | low::kEjectMedia;
  return profile.has_setmarks ? features | low::kReportSetmarks : features;
}

uint32_t HighFeatures(const TapeProfile& profile) {
  namespace high = tape_features_high;
  uint32_t features = high::kLoadUnload | high::kTension | high::kLockUnlock | high::kSetBlockSize |
                      high::kSetCompression | high::kAbsoluteBlock | high::kLogicalBlock |
                      high::kEndOfData | high::kRelativeBlocks | high::kFilemarks |
                      high::kSequentialFilemarks | high::kReversePosition | high::kWriteFilemarks |
                      high::kWriteMarkImmediate | high::kFormat | high::kHighGroup;
  uint32_t marks = high::kSetReportSetmarks | high::kSetmarks | high::kSequentialSetmarks |
                   high::kWriteSetmarks | high::kWriteShortFilemarks | high::kWriteLongFilemarks;
  return profile.has_setmarks ? features | marks : features;
}

template <typename T>
std::vector<std::byte> BigEndian(T value) {
  std::vector<std::byte> bytes(sizeof(T));
  StoreBe(bytes.data(), value);
  return bytes;
}

}  // namespace

Result<TapeIdentity> VirtualTape::Identify() {
  TapeIdentity identity;
  identity.vendor = "TAPIR";
  identity.product = std::string(state_->profile().product);
  identity.way = "virtual tape";
  identity.density_code = state_->profile().density_code;
  identity.worm = state_->side.worm;
  return identity;
}

Result<TapeDriveParameters> VirtualTape::GetTapeDriveParameters() {
  const State& state = *state_;
  TapeDriveParameters parameters;
  parameters.compression = state.side.compression;
  parameters.report_setmarks = state.side.report_setmarks;
  parameters.max_block_bytes = kMaxBlockBytes;
  parameters.min_block_bytes = 1;
  parameters.max_partition_count = state.profile().max_partitions;
  parameters.features_low = LowFeatures(state.profile());
  parameters.features_high = HighFeatures(state.profile());
  parameters.eot_warning_zone_bytes =
      static_cast<uint32_t>(std::min<uint64_t>(state.side.early_warning_bytes, UINT32_MAX));
  return parameters;
}

Result<TapeMediaParameters> VirtualTape::GetTapeMediaParameters() {
  State& state = *state_;
  TAPIR_RETURN_IF_ERROR(state.CheckReady("asking for the medium"));
  TapeMediaParameters parameters;
  const uint64_t capacity = state.side.partition_bytes[state.side.partition];
  const uint64_t used = state.image().DataBytesBefore(state.object_count());
  parameters.capacity_bytes = static_cast<int64_t>(capacity);
  parameters.remaining_bytes = static_cast<int64_t>(capacity - std::min(used, capacity));
  parameters.block_bytes = state.side.block_bytes;
  parameters.partition_count = static_cast<uint32_t>(state.images.size());
  parameters.write_protected = state.protects();
  return parameters;
}

Status VirtualTape::GetTapeStatus() { return state_->CheckReady("asking for the status"); }

Status VirtualTape::SetTapeDriveParameters(const TapeDriveSettings& settings) {
  State& state = *state_;
  if (settings.ecc || settings.data_padding ||
      (settings.report_setmarks && !state.profile().has_setmarks)) {
    return TapeFailure(TapeError::kNotSupported, "setting drive parameters");
  }
  state.side.compression = settings.compression;
  state.side.report_setmarks = settings.report_setmarks;
  state.side.early_warning_bytes = settings.eot_warning_zone_bytes;
  return state.Save();
}

Status VirtualTape::SetTapeMediaParameters(uint32_t block_bytes) {
  if (block_bytes > kMaxBlockBytes) {
    return TapeFailure(TapeError::kInvalidParameter, "setting the block size");
  }
  state_->side.block_bytes = block_bytes;
  return state_->Save();
}

Status VirtualTape::PrepareTape(TapePreparation operation, bool /*immediate*/) {
  State& state = *state_;
  vtape::SideFile& side = state.side;
  if (operation == TapePreparation::kLoad) {
    if (!side.loaded) state.model->Load();
    side.loaded = true;
    side.object = 0;
    side.partition = 0;
    state.position_known = true;
    state.attention = TapeError::kNone;
    return state.Save();
  }
  TAPIR_RETURN_IF_ERROR(state.CheckReady("preparing the tape"));
  switch (operation) {
    case TapePreparation::kUnload:
      if (side.locked) return TapeFailure(TapeError::kUnableToUnloadMedia, "unloading");
      state.model->Unload(state.PlaceBytes());
      side.loaded = false;
      side.object = 0;
      side.partition = 0;
      break;
    case TapePreparation::kTension:
      state.model->Move(state.PlaceBytes(), side.partition_bytes[side.partition]);
      state.model->Rewind(side.partition_bytes[side.partition]);
      side.object = 0;
      break;
    case TapePreparation::kLock: side.locked = true; break;
    case TapePreparation::kUnlock: side.locked = false; break;
    case TapePreparation::kFormat: return CreateTapePartition(TapePartitionMethod::kSelect, 1, 0);
    case TapePreparation::kLoad: break;
  }
  return state.Save();
}

Status VirtualTape::CreateTapePartition(TapePartitionMethod method, uint32_t count,
                                        uint32_t size_mb) {
  State& state = *state_;
  const char* doing = "making partitions";
  TAPIR_RETURN_IF_ERROR(state.CheckWritable(doing));
  if (state.side.worm) return TapeFailure(TapeError::kWriteProtected, doing);
  uint64_t capacity = 0;
  for (uint64_t bytes : state.side.partition_bytes) capacity += bytes;
  if (method == TapePartitionMethod::kFixed) count = 1;
  if (count == 0 || count > state.profile().max_partitions) {
    return TapeFailure(TapeError::kInvalidParameter, doing);
  }
  const uint64_t each =
      method == TapePartitionMethod::kInitiator ? size_mb * kMegabyte : capacity / count;
  const uint64_t others = each * (count - 1);
  bool fit = count == 1 || (each >= kSmallestPartitionBytes && others < capacity &&
                            capacity - others >= kSmallestPartitionBytes);
  if (!fit) return TapeFailure(TapeError::kPartitionFailure, doing);
  TAPIR_RETURN_IF_ERROR(state.NoteChange());
  for (vtape::TapeImage& image : state.images) TAPIR_RETURN_IF_ERROR(image.Truncate(0));
  state.side.setmarks.clear();
  state.side.attributes.clear();
  state.side.partition_bytes.assign(count, each);
  state.side.partition_bytes.back() = capacity - others;
  state.side.partition = 0;
  state.side.object = 0;
  TAPIR_RETURN_IF_ERROR(state.OpenPartitions(count, true, true));
  for (vtape::TapeImage& image : state.images) TAPIR_RETURN_IF_ERROR(image.Truncate(0));
  return state.Save();
}

Result<std::vector<std::byte>> VirtualTape::ReadAttribute(TapeAttribute attribute) {
  State& state = *state_;
  TAPIR_RETURN_IF_ERROR(state.CheckReady("reading cartridge memory"));
  TAPIR_ASSIGN_OR_RETURN(TapeMediaParameters media, GetTapeMediaParameters());
  switch (attribute) {
    case TapeAttribute::kRemainingCapacity:
      return BigEndian(static_cast<uint64_t>(media.remaining_bytes) / kMegabyte);
    case TapeAttribute::kMaximumCapacity:
      return BigEndian(static_cast<uint64_t>(media.capacity_bytes) / kMegabyte);
    case TapeAttribute::kVolumeChangeReference:
      state.change_noted = false;
      return BigEndian(state.side.change_reference);
    default: break;
  }
  auto found = state.side.attributes.find({state.side.partition, static_cast<uint16_t>(attribute)});
  if (found == state.side.attributes.end()) {
    return TapeFailure(TapeError::kNoDataDetected, "reading cartridge memory");
  }
  ByteSpan value = AsBytes(found->second);
  return std::vector<std::byte>(value.begin(), value.end());
}

Status VirtualTape::WriteAttribute(TapeAttribute attribute, std::span<const std::byte> value) {
  State& state = *state_;
  const char* doing = "writing cartridge memory";
  TAPIR_RETURN_IF_ERROR(state.CheckReady(doing));
  // Those below 0800h belong to the drive and the medium's maker.
  if (static_cast<uint16_t>(attribute) < 0x0800) {
    return TapeFailure(TapeError::kInvalidParameter, doing);
  }
  if (state.protects()) return TapeFailure(TapeError::kWriteProtected, doing);
  auto where = std::pair(state.side.partition, static_cast<uint16_t>(attribute));
  if (value.empty()) {
    state.side.attributes.erase(where);
  } else {
    state.side.attributes[where] = std::string(AsText(value));
  }
  return state.Save();
}

Result<std::vector<uint8_t>> VirtualTape::ReadAlerts() { return std::vector<uint8_t>(); }

}  // namespace tapir
