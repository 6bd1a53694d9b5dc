#include "tapir/device/tape_error.h"

namespace tapir {
namespace {

StatusCode CodeOf(TapeError error) {
  switch (error) {
    case TapeError::kNotSupported: return StatusCode::kUnsupported;
    case TapeError::kEomOverflow: return StatusCode::kEndOfMedium;
    case TapeError::kInvalidParameter: return StatusCode::kInvalidArgument;
    default: return StatusCode::kDeviceError;
  }
}

}  // namespace

std::string_view TapeErrorName(TapeError error) {
  switch (error) {
    case TapeError::kNone: return "no error";
    case TapeError::kWriteProtected: return "write protected";
    case TapeError::kNotReady: return "not ready";
    case TapeError::kCrc: return "checksum error";
    case TapeError::kNotSupported: return "not supported";
    case TapeError::kInvalidParameter: return "invalid parameter";
    case TapeError::kEndOfMedia: return "end of media";
    case TapeError::kFilemarkDetected: return "filemark detected";
    case TapeError::kBeginningOfMedia: return "beginning of media";
    case TapeError::kSetmarkDetected: return "setmark detected";
    case TapeError::kNoDataDetected: return "no data detected";
    case TapeError::kPartitionFailure: return "partition failure";
    case TapeError::kInvalidBlockLength: return "invalid block length";
    case TapeError::kDeviceNotPartitioned: return "device not partitioned";
    case TapeError::kUnableToLockMedia: return "unable to lock media";
    case TapeError::kUnableToUnloadMedia: return "unable to unload media";
    case TapeError::kMediaChanged: return "media changed";
    case TapeError::kBusReset: return "bus reset";
    case TapeError::kNoMediaInDrive: return "no media in drive";
    case TapeError::kIoDevice: return "input or output error";
    case TapeError::kEomOverflow: return "end of media overflow";
    case TapeError::kDeviceRequiresCleaning: return "device requires cleaning";
    case TapeError::kDeviceDoorOpen: return "device door open";
  }
  return "unknown error";
}

Status TapeFailure(TapeError error, std::string_view message) {
  std::string text(message);
  text += ": ";
  text += TapeErrorName(error);
  return Status(CodeOf(error), std::move(text)).WithReason(static_cast<int>(error));
}

TapeError TapeErrorOf(const Status& status) {
  if (status.ok()) return TapeError::kNone;
  return status.reason() == 0 ? TapeError::kIoDevice : static_cast<TapeError>(status.reason());
}

}  // namespace tapir
