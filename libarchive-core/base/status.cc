#include "tapir/base/status.h"

#include <system_error>

namespace tapir {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk: return "ok";
    case StatusCode::kInvalidArgument: return "invalid argument";
    case StatusCode::kNotFound: return "not found";
    case StatusCode::kExists: return "exists";
    case StatusCode::kForeign: return "foreign";
    case StatusCode::kUnsupported: return "unsupported";
    case StatusCode::kCorrupt: return "corrupt";
    case StatusCode::kTruncated: return "truncated";
    case StatusCode::kLimitExceeded: return "limit exceeded";
    case StatusCode::kDeviceError: return "device error";
    case StatusCode::kEndOfMedium: return "end of medium";
    case StatusCode::kBusy: return "busy";
    case StatusCode::kCancelled: return "cancelled";
    case StatusCode::kInternal: return "internal error";
  }
  return "unknown";
}

Status::Status(StatusCode code, std::string message)
    : rep_(std::make_unique<Rep>(Rep{code, 0, 0, std::move(message)})) {
  assert(code != StatusCode::kOk);
}

Status Status::FromErrno(int sys_errno, std::string_view doing_what) {
  std::string message(doing_what);
  message += ": ";
  message += std::generic_category().message(sys_errno);
  Status status(StatusCode::kDeviceError, std::move(message));
  status.rep_->sys_errno = sys_errno;
  return status;
}

Status Status::WithReason(int reason) && {
  if (rep_) rep_->reason = reason;
  return std::move(*this);
}

Status::Status(const Status& other)
    : rep_(other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) rep_ = other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr;
  return *this;
}

const std::string& Status::message() const {
  static const std::string kEmpty;
  return rep_ ? rep_->message : kEmpty;
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  return std::string(StatusCodeName(code())) + ": " + rep_->message;
}

Status Status::Annotate(std::string_view context) && {
  if (rep_) rep_->message.insert(0, std::string(context) + ": ");
  return std::move(*this);
}

Status Status::Annotate(std::string_view context) const& { return Status(*this).Annotate(context); }

Status InvalidArgument(std::string message) {
  return {StatusCode::kInvalidArgument, std::move(message)};
}
Status NotFound(std::string message) { return {StatusCode::kNotFound, std::move(message)}; }
Status Exists(std::string message) { return {StatusCode::kExists, std::move(message)}; }
Status Foreign(std::string message) { return {StatusCode::kForeign, std::move(message)}; }
Status Unsupported(std::string message) { return {StatusCode::kUnsupported, std::move(message)}; }
Status Corrupt(std::string message) { return {StatusCode::kCorrupt, std::move(message)}; }
Status Truncated(std::string message) { return {StatusCode::kTruncated, std::move(message)}; }
Status LimitExceeded(std::string message) {
  return {StatusCode::kLimitExceeded, std::move(message)};
}
Status DeviceError(std::string message) { return {StatusCode::kDeviceError, std::move(message)}; }
Status EndOfMedium(std::string message) { return {StatusCode::kEndOfMedium, std::move(message)}; }
Status Busy(std::string message) { return {StatusCode::kBusy, std::move(message)}; }
Status Cancelled(std::string message) { return {StatusCode::kCancelled, std::move(message)}; }
Status Internal(std::string message) { return {StatusCode::kInternal, std::move(message)}; }

}  // namespace tapir
