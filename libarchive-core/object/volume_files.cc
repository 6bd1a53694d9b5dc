#include "tapir/object/volume_files.h"

#include <cerrno>
#include <utility>

namespace tapir {
namespace {

StatusCode CodeOf(FileFailure why) {
  switch (why) {
    case FileFailure::kNotFound:
    case FileFailure::kParentNotFound: return StatusCode::kNotFound;
    case FileFailure::kExists:
    case FileFailure::kAmbiguous:
    case FileFailure::kDirectoryNotEmpty: return StatusCode::kExists;
    case FileFailure::kIsDirectory:
    case FileFailure::kNotDirectory:
    case FileFailure::kOtherVolume:
    case FileFailure::kInvalidName: return StatusCode::kInvalidArgument;
    case FileFailure::kUnsupported: return StatusCode::kUnsupported;
    case FileFailure::kDamaged: return StatusCode::kCorrupt;
    case FileFailure::kOther:
    case FileFailure::kAccessDenied:
    case FileFailure::kNoSpace:
    case FileFailure::kWriteProtected: break;
  }
  return StatusCode::kDeviceError;
}

FileFailure OfErrno(int sys_errno) {
  switch (sys_errno) {
    case ENOENT: return FileFailure::kNotFound;
    case ENOTDIR: return FileFailure::kNotDirectory;
    case EACCES:
    case EPERM:
    case ELOOP: return FileFailure::kAccessDenied;
    case EEXIST: return FileFailure::kExists;
    case EISDIR: return FileFailure::kIsDirectory;
    case ENOTEMPTY: return FileFailure::kDirectoryNotEmpty;
    case EXDEV: return FileFailure::kOtherVolume;
    case ENOSPC:
    case EDQUOT: return FileFailure::kNoSpace;
    case EROFS: return FileFailure::kWriteProtected;
    case EINVAL:
    case ENAMETOOLONG: return FileFailure::kInvalidName;
    case EOPNOTSUPP: return FileFailure::kUnsupported;
    default: return FileFailure::kOther;
  }
}

}  // namespace

Status FileFailed(FileFailure why, std::string message) {
  return Status(CodeOf(why), std::move(message)).WithReason(static_cast<int>(why));
}

FileFailure FailureOf(const Status& failure) {
  if (failure.reason() != 0) return static_cast<FileFailure>(failure.reason());
  if (failure.sys_errno() != 0) return OfErrno(failure.sys_errno());
  switch (failure.code()) {
    case StatusCode::kNotFound: return FileFailure::kNotFound;
    case StatusCode::kExists: return FileFailure::kExists;
    case StatusCode::kInvalidArgument: return FileFailure::kInvalidName;
    case StatusCode::kUnsupported: return FileFailure::kUnsupported;
    case StatusCode::kCorrupt: return FileFailure::kDamaged;
    default: return FileFailure::kOther;
  }
}

}  // namespace tapir
