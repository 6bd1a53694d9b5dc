#include "tapir/jobs/delayed_run.h"

#include <optional>
#include <set>

#include "bytes/cursor.h"
#include "jobs/delayed_status.h"
#include "jobs/planned_files.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

using FoldedVolumes = std::map<std::u16string, VolumeFiles*>;

std::u16string FoldedSpelling(const std::string& volume) {
  return Upcase(Utf16(volume).value_or(std::u16string()));
}

FoldedVolumes Fold(const DelayedVolumes& volumes) {
  FoldedVolumes folded;
  for (const auto& [spelling, files] : volumes) folded.emplace(FoldedSpelling(spelling), files);
  return folded;
}

// The first finding that rejects.
Status Rejection(const std::optional<Finding>& rejected) {
  if (!rejected) return OkStatus();
  return Corrupt("offset " + std::to_string(rejected->offset) + ": " + rejected->text);
}

void KeepRejection(const Finding& finding, std::optional<Finding>& rejected) {
  if (finding.severity == Severity::kReject && !rejected) rejected = finding;
}

bool StopsRun(DelayedKind kind) { return kind != DelayedKind::kSetFileShortName; }

class DelayedRun {
 public:
  explicit DelayedRun(const DelayedRunRequest& request) : request_(request) {
    for (const auto& [spelling, files] : Fold(request.volumes)) {
      volumes_.emplace(spelling, request.dry_run ? Plan(files) : files);
    }
  }

  Result<DelayedRunReport> Run() {
    std::optional<Finding> rejected;
    TAPIR_RETURN_IF_ERROR(ReadDelayedOperations(
        *request_.file,
        [&](const DelayedOperation& operation, const DelayedOperationsReader& reader) {
          if (failure_.ok()) Take(operation, reader);
        },
        [&](const Finding& finding) { KeepRejection(finding, rejected); },
        [&] { return !failure_.ok(); }));
    TAPIR_RETURN_IF_ERROR(failure_);
    // It was read before: somebody changes it meanwhile.
    TAPIR_RETURN_IF_ERROR(Rejection(rejected));
    return report_;
  }

 private:
  // Of one volume one plan, whatever spellings it has.
  VolumeFiles* Plan(VolumeFiles* files) {
    auto& plan = plans_[files];
    if (!plan) plan = std::make_unique<PlannedFiles>(*files);
    return plan.get();
  }

  bool IsCancelled() const { return request_.cancelled != nullptr && *request_.cancelled; }

  void Take(const DelayedOperation& operation, const DelayedOperationsReader& reader) {
    DelayedRecord record{++number_, reader.operation_offset(), operation, {}, {}};
    if (operation.status) {
      record.outcome = DelayedOutcome::kEarlier;
      TakeEarlier(record);
    } else if (IsOver()) {
      record.outcome = DelayedOutcome::kNotReached;
      ++report_.not_reached;
      if (report_.interrupted) NoteFailure(NtStatus::kCancelled);
    } else {
      CarryOut(record, reader.status_offset());
    }
    if (failure_.ok() && request_.on_record) request_.on_record(record);
  }

  bool IsOver() {
    if (!report_.stopped && IsCancelled()) report_.interrupted = true;
    return report_.stopped || report_.interrupted;
  }

  void TakeEarlier(const DelayedRecord& record) {
    const uint64_t status = *record.operation.status;
    if (status == 0) {
      ++report_.earlier;
      return;
    }
    ++report_.failed;
    NoteFailure(static_cast<NtStatus>(status));
    report_.stopped |= StopsRun(record.operation.kind);
  }

  void CarryOut(DelayedRecord& record, uint64_t status_offset) {
    const Status outcome = Execute(record.operation);
    const NtStatus status = NtStatusOf(outcome);
    record.operation.status = static_cast<uint32_t>(status);
    record.why = outcome.message();
    record.outcome = outcome.ok() ? DelayedOutcome::kDone : DelayedOutcome::kFailed;
    if (!request_.dry_run) {
      failure_ = request_.file->WriteAt(status_offset,
                                        AsBytes(DelayedStatusBytes(static_cast<uint32_t>(status))));
      failure_ = std::move(failure_).Annotate("record " + std::to_string(record.number) +
                                              " was carried out, its status is not noted");
    }
    if (outcome.ok()) {
      ++report_.done;
      return;
    }
    ++report_.failed;
    NoteFailure(status);
    report_.stopped |= StopsRun(record.operation.kind);
    report_.device_failed |= status == NtStatus::kIoDeviceError || status == NtStatus::kDiskFull ||
                             status == NtStatus::kMediaWriteProtected;
  }

  void NoteFailure(NtStatus status) {
    report_.restore_status_result = 1;
    if (report_.restore_status_details == 0) {
      report_.restore_status_details = static_cast<uint32_t>(status);
    }
  }

  Result<VolumeFiles*> VolumeOf(const DelayedPathParts& parts) const {
    const auto found = volumes_.find(FoldedSpelling(parts.volume));
    if (found != volumes_.end()) return found->second;
    return FileFailed(FileFailure::kParentNotFound, "there is no volume " + parts.volume);
  }

  Status Execute(const DelayedOperation& operation) {
    const DelayedPathParts target = SplitDelayedPath(operation.target);
    TAPIR_ASSIGN_OR_RETURN(VolumeFiles* const files, VolumeOf(target));
    switch (operation.kind) {
      case DelayedKind::kDeleteFile: return files->Delete(target.path);
      case DelayedKind::kSetFileShortName:
        return files->SetShortName(target.path, operation.source);
      case DelayedKind::kMoveFile: break;
    }
    const DelayedPathParts source = SplitDelayedPath(operation.source);
    TAPIR_ASSIGN_OR_RETURN(VolumeFiles* const from, VolumeOf(source));
    if (from != files) return FileFailed(FileFailure::kOtherVolume, "a move to another volume");
    return files->Move(source.path, target.path);
  }

  const DelayedRunRequest& request_;
  FoldedVolumes volumes_;
  std::map<VolumeFiles*, std::unique_ptr<VolumeFiles>> plans_;
  DelayedRunReport report_;
  uint64_t number_ = 0;
  Status failure_;
};

}  // namespace

Result<std::vector<std::string>> MissingDelayedVolumes(DelayedFile& file,
                                                       const DelayedVolumes& volumes) {
  const FoldedVolumes known = Fold(volumes);
  std::set<std::u16string> seen;
  std::vector<std::string> missing;
  const auto look = [&](const std::string& path) {
    const std::string volume = SplitDelayedPath(path).volume;
    std::u16string folded = FoldedSpelling(volume);
    if (known.find(folded) != known.end()) return;
    if (seen.insert(std::move(folded)).second) missing.push_back(volume);
  };
  std::optional<Finding> rejected;
  TAPIR_RETURN_IF_ERROR(ReadDelayedOperations(
      file,
      [&](const DelayedOperation& operation, const DelayedOperationsReader&) {
        look(operation.target);
        if (operation.kind == DelayedKind::kMoveFile) look(operation.source);
      },
      [&](const Finding& finding) { KeepRejection(finding, rejected); },
      [&] { return rejected.has_value(); }));
  TAPIR_RETURN_IF_ERROR(Rejection(rejected));
  return missing;
}

Result<DelayedRunReport> RunDelayedOperations(const DelayedRunRequest& request) {
  std::optional<Finding> rejected;
  TAPIR_RETURN_IF_ERROR(ReadDelayedOperations(
      *request.file, [](const DelayedOperation&, const DelayedOperationsReader&) {},
      [&](const Finding& finding) { KeepRejection(finding, rejected); },
      [&] { return rejected.has_value(); }));
  TAPIR_RETURN_IF_ERROR(Rejection(rejected));
  return DelayedRun(request).Run();
}

}  // namespace tapir
