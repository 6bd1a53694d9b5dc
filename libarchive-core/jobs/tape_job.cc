#include "tapir/jobs/tape_job.h"

#include <memory>

#include "jobs/cartridge_memory.h"
#include "jobs/medium_contents.h"
#include "tapir/base/limits.h"
#include "tapir/device/tape_block_device.h"

namespace tapir {
namespace {

// A medium that fails this often in a row is given up.
constexpr unsigned kMaxErrorsInARow = 256;

template <typename T>
std::optional<T> IfTold(Result<T> result) {
  return result.ok() ? std::optional<T>(*std::move(result)) : std::nullopt;
}

Status GoBack(TapeDrive& drive, const TapePosition& position) {
  return drive.SetTapePosition(TapePositioning::kLogicalBlock, position.partition,
                               static_cast<int64_t>(position.block), false);
}

}  // namespace

Result<TapeStatusReport> ReadTapeStatus(TapeDrive& drive) {
  TapeStatusReport report;
  TAPIR_ASSIGN_OR_RETURN(report.identity, drive.Identify());
  Status state = drive.GetTapeStatus();
  report.ready = state.ok() || TapeErrorOf(state) == TapeError::kDeviceRequiresCleaning;
  report.state = state.ok() ? "ready" : std::string(TapeErrorName(TapeErrorOf(state)));
  report.drive = IfTold(drive.GetTapeDriveParameters());
  Result<std::vector<uint8_t>> alerts = drive.ReadAlerts();
  if (alerts.ok()) report.alerts = *std::move(alerts);
  if (const auto* tape = dynamic_cast<const VirtualTape*>(&drive))
    report.model = tape->ModelReport();
  if (!report.ready) return report;
  report.media = IfTold(drive.GetTapeMediaParameters());
  report.position = IfTold(drive.GetTapePosition(TapePositionType::kLogical));
  report.label = ReadAttributeText(drive, TapeAttribute::kUserTextLabel);
  report.barcode = ReadAttributeText(drive, TapeAttribute::kBarcode);
  return report;
}

Status CheckMayDestroyTape(TapeDrive& drive, bool whole_medium, const std::string& permission) {
  Result<TapePosition> position = drive.GetTapePosition(TapePositionType::kLogical);
  if (!whole_medium) {
    if (!position.ok()) return std::move(position).status();
    std::vector<std::byte> buffer(limits::kMaxBlockBytes);
    Result<TapeRead> behind = drive.Read(buffer);
    if (behind.ok() && behind->kind == TapeReadKind::kEndOfData) return OkStatus();
  }
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<TapeBlockDevice> device, TapeBlockDevice::Borrow(drive));
  TAPIR_ASSIGN_OR_RETURN(bool blank, IsBlank(*device));
  Status allowed = blank ? OkStatus() : CheckMayDestroy(*device, permission);
  if (position.ok()) TAPIR_RETURN_IF_ERROR(GoBack(drive, *position));
  return allowed;
}

namespace {

/// One copying.
class TapeCopy {
 public:
  TapeCopy(TapeDrive& from, TapeDrive& to, const TapeCopyOptions& options)
      : from_(from), to_(to), options_(options), buffer_(limits::kMaxBlockBytes) {}

  Result<TapeCopyReport> Run() {
    TAPIR_RETURN_IF_ERROR(from_.SetTapePosition(TapePositioning::kRewind, 0, 0, false));
    TAPIR_RETURN_IF_ERROR(to_.SetTapePosition(TapePositioning::kRewind, 0, 0, false));
    while (!report_.complete) {
      if (options_.cancelled != nullptr && options_.cancelled->load()) {
        return Cancelled("interrupted");
      }
      TAPIR_RETURN_IF_ERROR(CopyObject());
    }
    TAPIR_ASSIGN_OR_RETURN(WriteOutcome outcome, to_.WriteTapemark(TapeMark::kFilemark, 0, false));
    if (outcome == WriteOutcome::kEndOfMedium) return EndOfMedium("the target is full");
    return std::move(report_);
  }

 private:
  Status CopyObject() {
    TAPIR_ASSIGN_OR_RETURN(TapePosition position,
                           from_.GetTapePosition(TapePositionType::kLogical));
    Result<TapeRead> read = from_.Read(buffer_);
    if (!read.ok()) return StepOver(position, read.status());
    errors_in_a_row_ = 0;
    switch (read->kind) {
      case TapeReadKind::kEndOfData: report_.complete = true; return OkStatus();
      case TapeReadKind::kFilemark: return CopyMark(TapeMark::kFilemark, report_.filemarks);
      case TapeReadKind::kSetmark: return CopyMark(TapeMark::kSetmark, report_.setmarks);
      case TapeReadKind::kBlock: break;
    }
    TAPIR_ASSIGN_OR_RETURN(WriteOutcome outcome, to_.Write(std::span(buffer_).first(read->size)));
    if (outcome == WriteOutcome::kEndOfMedium) {
      return EndOfMedium("the target is full at object " + std::to_string(position.block));
    }
    report_.blocks += 1;
    report_.bytes += read->size;
    if (options_.progress != nullptr) options_.progress->volume_bytes += read->size;
    return OkStatus();
  }

  Status CopyMark(TapeMark mark, uint64_t& count) {
    TAPIR_ASSIGN_OR_RETURN(WriteOutcome outcome, to_.WriteTapemark(mark, 1, true));
    if (outcome == WriteOutcome::kEndOfMedium) return EndOfMedium("the target is full at a mark");
    ++count;
    return OkStatus();
  }

  Status StepOver(const TapePosition& position, const Status& failure) {
    if (++errors_in_a_row_ > kMaxErrorsInARow) return failure;
    report_.unreadable.push_back({position.block, failure.message()});
    return GoBack(from_, {position.partition, position.block + 1});
  }

  TapeDrive& from_;
  TapeDrive& to_;
  const TapeCopyOptions& options_;
  std::vector<std::byte> buffer_;
  TapeCopyReport report_;
  unsigned errors_in_a_row_ = 0;
};

}  // namespace

Result<TapeCopyReport> CopyTape(TapeDrive& from, TapeDrive& to, const TapeCopyOptions& options) {
  Status allowed = CheckMayDestroyTape(to, true, options.overwrite_existing);
  if (!allowed.ok()) return std::move(allowed).Annotate(to.name());
  return TapeCopy(from, to, options).Run();
}

}  // namespace tapir
