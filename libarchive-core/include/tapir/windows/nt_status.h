#pragma once

#include <cstdint>
#include <string_view>

namespace tapir {

/// Outcomes of operations on files ([MS-ERREF] 2.3.1).
enum class NtStatus : uint32_t {
  kSuccess = 0x00000000,
  kAccessDenied = 0xC0000022,
  kObjectNameInvalid = 0xC0000033,
  kObjectNameNotFound = 0xC0000034,
  kObjectNameCollision = 0xC0000035,
  kObjectPathNotFound = 0xC000003A,
  kSharingViolation = 0xC0000043,
  kDiskFull = 0xC000007F,
  kMediaWriteProtected = 0xC00000A2,
  kFileIsADirectory = 0xC00000BA,
  kNotSupported = 0xC00000BB,
  kNotSameDevice = 0xC00000D4,
  kDirectoryNotEmpty = 0xC0000101,
  kFileCorruptError = 0xC0000102,
  kNotADirectory = 0xC0000103,
  kCancelled = 0xC0000120,
  kIoDeviceError = 0xC0000185,
};

/// "name not found"; empty for others. The view is a literal.
std::string_view NtStatusText(uint64_t status);

}  // namespace tapir
