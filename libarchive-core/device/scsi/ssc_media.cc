// Loading, positions, erasing, partitions.

#include <fmt/format.h>

#include <algorithm>

#include "device/scsi/ssc_drive.h"

namespace tapir::scsi {

Result<TapePosition> SscDrive::GetTapePosition(TapePositionType type) {
  if (type == TapePositionType::kPseudoLogical) {
    return TapeFailure(TapeError::kNotSupported, name() + ": a simulated position");
  }
  TAPIR_ASSIGN_OR_RETURN(TapePosition position, position_.Ask());
  if (type == TapePositionType::kAbsolute) position.partition = 0;
  return position;
}

Status SscDrive::GetTapeStatus() {
  TAPIR_RETURN_IF_ERROR(
      runner_.Must(TestUnitReady(), "asking for its state", {.may_wait = false}).status());
  if (!runner_.cleaning_wanted()) return OkStatus();
  return TapeFailure(TapeError::kDeviceRequiresCleaning, name());
}

Status SscDrive::SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                                 bool immediate) {
  auto not_supported = [&](std::string_view what) {
    return TapeFailure(TapeError::kNotSupported, fmt::format("{}: {}", name(), what));
  };
  bool waits = method != TapePositioning::kRewind && method != TapePositioning::kAbsoluteBlock &&
               method != TapePositioning::kLogicalBlock;
  if (immediate && waits) return not_supported("spacing without waiting");
  bool to_block =
      method == TapePositioning::kAbsoluteBlock || method == TapePositioning::kLogicalBlock;
  if (to_block && offset < 0) {
    return TapeFailure(TapeError::kBeginningOfMedia, name() + ": a negative block number");
  }
  switch (method) {
    case TapePositioning::kRewind: return position_.Rewind(immediate);
    case TapePositioning::kAbsoluteBlock:
      return position_.Locate(0, static_cast<uint64_t>(offset), immediate);
    case TapePositioning::kLogicalBlock:
      return position_.Locate(partition, static_cast<uint64_t>(offset), immediate);
    case TapePositioning::kEndOfData: return position_.EndOfData(partition);
    case TapePositioning::kRelativeBlocks: return position_.Space(SpaceCode::kBlocks, offset);
    case TapePositioning::kFilemarks: return position_.Space(SpaceCode::kFilemarks, offset);
    case TapePositioning::kSequentialFilemarks:
      return position_.Space(SpaceCode::kSequentialFilemarks, offset);
    default: return not_supported("setmarks and simulated positions");
  }
}

Status SscDrive::Load(bool retension, bool immediate) {
  runner_.ExpectMediumChange();
  position_.Forget();
  Status status =
      runner_
          .Must(LoadUnload({.load = true, .retension = retension, .immediate = immediate}),
                retension ? "tensioning" : "loading")
          .status();
  if (status.ok() && !immediate) {
    // Takes the unit attention that some drives raise for a medium which they were told to load.
    status = runner_.Must(TestUnitReady(), "loading").status();
  }
  // Loading at once ends later, and so does what it brings with it.
  if (!status.ok() || !immediate) runner_.StopExpecting();
  if (!status.ok()) return status;
  runner_.SetPositionKnown();
  runner_.SetStale();
  runner_.SetCleaningWanted(false);
  if (!immediate) position_.Stand(1, 0);
  return OkStatus();
}

Status SscDrive::Unload(bool immediate) {
  position_.Forget();
  return runner_.Must(LoadUnload({.load = false, .immediate = immediate}), "unloading").status();
}

Status SscDrive::Lock(bool lock, bool immediate) {
  if (immediate) {
    return TapeFailure(TapeError::kNotSupported, name() + ": locking without waiting");
  }
  Status status =
      runner_.Must(PreventAllow(lock), lock ? "locking the medium" : "unlocking").status();
  TapeError error = TapeErrorOf(status);
  bool own_words = error == TapeError::kIoDevice || error == TapeError::kUnableToUnloadMedia;
  if (!lock || !own_words) return status;
  return TapeFailure(TapeError::kUnableToLockMedia, status.message());
}

Status SscDrive::ToBeginningOfMedium() {
  if (!position_.DriveTells()) return position_.Rewind(false);
  return position_.Locate(1, 0, false);
}

// A drive in append-only mode destroys nothing unless it was allowed for this place. Whoever
// erases and formats means it.
Status SscDrive::Overwrite(const Cdb& cdb, OverwriteAt where, std::string_view doing) {
  constexpr uint32_t kAnyPartition = 1;
  Result<TapePosition> here = TapePosition{.partition = kAnyPartition};
  if (position_.DriveTells()) here = position_.Ask();
  position_.Forget();
  TAPIR_ASSIGN_OR_RETURN(Answer answer, runner_.Run(cdb));
  bool locked = !answer.good && answer.sense.Is(0x7, 0x5A, 0x02);
  if (locked && here.ok() && runner_.Has(opcode::kAllowOverwrite)) {
    auto partition = static_cast<uint8_t>(here->partition - 1);
    TAPIR_RETURN_IF_ERROR(
        runner_.Must(AllowOverwrite(where, partition, here->block), "allowing to overwrite")
            .status());
    TAPIR_ASSIGN_OR_RETURN(answer, runner_.Run(cdb));
  }
  return answer.done() ? OkStatus() : runner_.Failure(answer, doing);
}

Status SscDrive::Format(FormatKind kind, bool immediate) {
  TAPIR_RETURN_IF_ERROR(ToBeginningOfMedium());
  return Overwrite(FormatMedium(kind, immediate), OverwriteAt::kFormat, "formatting");
}

Status SscDrive::PrepareTape(TapePreparation operation, bool immediate) {
  switch (operation) {
    case TapePreparation::kLoad: return Load(false, immediate);
    case TapePreparation::kUnload: return Unload(immediate);
    case TapePreparation::kTension: return Load(true, immediate);
    case TapePreparation::kLock: return Lock(true, immediate);
    case TapePreparation::kUnlock: return Lock(false, immediate);
    case TapePreparation::kFormat: return Format(FormatKind::kDefault, immediate);
  }
  return TapeFailure(TapeError::kInvalidParameter, name() + ": preparing");
}

Status SscDrive::EraseTape(TapeEraseType type, bool immediate) {
  TAPIR_RETURN_IF_ERROR(runner_.CheckPosition("erasing"));
  return Overwrite(Erase6(type == TapeEraseType::kLong, immediate), OverwriteAt::kPosition,
                   "erasing");
}

Status SscDrive::CreateTapePartition(TapePartitionMethod method, uint32_t count, uint32_t size_mb) {
  constexpr size_t kHeadBytes = 8;
  constexpr std::string_view kDoing = "making partitions";
  TAPIR_ASSIGN_OR_RETURN(ModeReply now, modes_.ReadPage(mode_page::kPartition, 0, kHeadBytes));
  std::optional<PartitionPage> page = ParsePartitions(now.page);
  constexpr uint32_t kMostEver = 64;
  uint32_t max = page ? std::min(kMostEver, page->max_additional + 1u) : 1u;
  bool counted = method != TapePartitionMethod::kFixed;
  bool sized = method == TapePartitionMethod::kInitiator && count > 1;
  if (counted && (count == 0 || count > max || (sized && size_mb == 0))) {
    return TapeFailure(TapeError::kInvalidParameter,
                       fmt::format("{}: {}: {} of {} MB", name(), kDoing, count, size_mb));
  }
  PartitionWay way = PartitionWay::kInitiator;
  if (method == TapePartitionMethod::kFixed) way = PartitionWay::kFixed;
  if (method == TapePartitionMethod::kSelect) way = PartitionWay::kSelect;
  // By its own sizes the drive chooses the number, too.
  uint32_t asked = counted ? count : std::min(kMostEver, page->additional + 1u);
  TAPIR_RETURN_IF_ERROR(ToBeginningOfMedium());
  std::string list = EncodePartitions(now.page, way, asked, size_mb);
  TAPIR_RETURN_IF_ERROR(modes_.Change(now, {.page = AsBytes(list)}));
  Status formatted = Format(FormatKind::kPartition, false);
  // Drives without FORMAT MEDIUM divide the medium when the page is selected.
  bool was_enough =
      TapeErrorOf(formatted) == TapeError::kNotSupported && !runner_.Has(opcode::kFormatMedium);
  if (!formatted.ok() && !was_enough) return formatted;
  TAPIR_ASSIGN_OR_RETURN(ModeReply after, modes_.ReadPage(mode_page::kPartition, 0, kHeadBytes));
  std::optional<PartitionPage> made = ParsePartitions(after.page);
  if (counted && (!made || made->additional + 1u != count)) {
    return TapeFailure(TapeError::kPartitionFailure, fmt::format("{}: {}", name(), kDoing));
  }
  return ToBeginningOfMedium();
}

}  // namespace tapir::scsi
