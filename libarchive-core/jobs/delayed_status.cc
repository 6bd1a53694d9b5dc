#include "jobs/delayed_status.h"

#include "tapir/object/volume_files.h"

namespace tapir {

NtStatus NtStatusOf(const Status& failure) {
  if (failure.ok()) return NtStatus::kSuccess;
  switch (FailureOf(failure)) {
    case FileFailure::kNotFound: return NtStatus::kObjectNameNotFound;
    case FileFailure::kParentNotFound: return NtStatus::kObjectPathNotFound;
    case FileFailure::kAccessDenied: return NtStatus::kAccessDenied;
    case FileFailure::kExists:
    case FileFailure::kAmbiguous: return NtStatus::kObjectNameCollision;
    case FileFailure::kIsDirectory: return NtStatus::kFileIsADirectory;
    case FileFailure::kNotDirectory: return NtStatus::kNotADirectory;
    case FileFailure::kDirectoryNotEmpty: return NtStatus::kDirectoryNotEmpty;
    case FileFailure::kOtherVolume: return NtStatus::kNotSameDevice;
    case FileFailure::kNoSpace: return NtStatus::kDiskFull;
    case FileFailure::kWriteProtected: return NtStatus::kMediaWriteProtected;
    case FileFailure::kInvalidName: return NtStatus::kObjectNameInvalid;
    case FileFailure::kUnsupported: return NtStatus::kNotSupported;
    case FileFailure::kDamaged: return NtStatus::kFileCorruptError;
    case FileFailure::kOther: break;
  }
  return NtStatus::kIoDeviceError;
}

}  // namespace tapir
