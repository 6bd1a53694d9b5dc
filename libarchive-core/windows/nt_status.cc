#include "tapir/windows/nt_status.h"

#include <cstdint>

namespace tapir {

std::string_view NtStatusText(uint64_t status) {
  if (status > UINT32_MAX) return {};
  switch (static_cast<NtStatus>(status)) {
    case NtStatus::kSuccess: return "success";
    case NtStatus::kAccessDenied: return "access denied";
    case NtStatus::kObjectNameInvalid: return "invalid name";
    case NtStatus::kObjectNameNotFound: return "name not found";
    case NtStatus::kObjectNameCollision: return "name collision";
    case NtStatus::kObjectPathNotFound: return "path not found";
    case NtStatus::kSharingViolation: return "sharing violation";
    case NtStatus::kDiskFull: return "disk full";
    case NtStatus::kMediaWriteProtected: return "write-protected";
    case NtStatus::kFileIsADirectory: return "is a directory";
    case NtStatus::kNotSupported: return "not supported";
    case NtStatus::kNotSameDevice: return "not the same volume";
    case NtStatus::kDirectoryNotEmpty: return "directory not empty";
    case NtStatus::kFileCorruptError: return "file damaged";
    case NtStatus::kNotADirectory: return "not a directory";
    case NtStatus::kCancelled: return "cancelled";
    case NtStatus::kIoDeviceError: return "device error";
  }
  return {};
}

}  // namespace tapir
