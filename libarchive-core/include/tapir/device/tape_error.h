#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tapir/base/status.h"

namespace tapir {

/// What a tape drive says besides success, by the Win32 codes that the tape functions return.
/// Marks and ends that Read, Write and WriteTapemark meet are outcomes of these calls, no errors.
enum class TapeError : uint16_t {
  kNone = 0,
  kWriteProtected = 19,
  kNotReady = 21,
  kCrc = 23,
  kNotSupported = 50,
  kInvalidParameter = 87,
  kEndOfMedia = 1100,
  kFilemarkDetected = 1101,
  kBeginningOfMedia = 1102,
  kSetmarkDetected = 1103,
  kNoDataDetected = 1104,
  kPartitionFailure = 1105,
  kInvalidBlockLength = 1106,
  kDeviceNotPartitioned = 1107,
  kUnableToLockMedia = 1108,
  kUnableToUnloadMedia = 1109,
  kMediaChanged = 1110,
  kBusReset = 1111,
  kNoMediaInDrive = 1112,
  kIoDevice = 1117,
  kEomOverflow = 1129,
  kDeviceRequiresCleaning = 1165,
  kDeviceDoorOpen = 1166,
};

/// "filemark detected", ... for messages and JSON. The view is a literal.
std::string_view TapeErrorName(TapeError error);

/// A failure of a tape function; `message` says what was attempted, the error's name is appended.
/// Its StatusCode tells callers who know no tapes what to do: kUnsupported for kNotSupported,
/// kEndOfMedium for kEomOverflow, kInvalidArgument for kInvalidParameter, else kDeviceError.
Status TapeFailure(TapeError error, std::string_view message);

/// The TapeError of a failed tape function; kNone of success, kIoDevice of any other failure.
TapeError TapeErrorOf(const Status& status);

}  // namespace tapir
