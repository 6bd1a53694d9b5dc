#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tapir {

/// What went wrong, chosen by what the caller does next.
enum class StatusCode {
  kOk,
  kInvalidArgument,  ///< the caller asked for something that makes no sense
  kNotFound,         ///< no such file, session, path
  kExists,           ///< something is in the way and may not be replaced
  kForeign,          ///< well readable, but not a volume of this format
  kUnsupported,      ///< a newer reader could
  kCorrupt,          ///< bytes are there and wrong
  kTruncated,        ///< bytes are missing at the end
  kLimitExceeded,    ///< more than the format text allows or the caller granted
  kDeviceError,      ///< the operating system or drive refused; see Status::sys_errno()
  kEndOfMedium,      ///< the medium is full
  kBusy,             ///< another writer holds it
  kCancelled,        ///< asked to stop, or another stage failed first
  kInternal,         ///< a mistake of our own
};

/// Lower-case words for messages and JSON, e.g. "device error". The view is a literal.
std::string_view StatusCodeName(StatusCode code);

/// True for failures of reading itself: nothing else on the medium can be read in its place.
constexpr bool EndsReading(StatusCode code) {
  return code == StatusCode::kDeviceError || code == StatusCode::kCancelled;
}

/// The outcome of an operation that yields no value. Success costs one null pointer.
///
/// Thread-compatible value type. Layers add a line of their own with Annotate(), so that the text
/// reads from what was attempted to what failed.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message);

  /// A device error carrying `sys_errno` (a positive errno value); its text is appended.
  static Status FromErrno(int sys_errno, std::string_view doing_what);

  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  bool ok() const { return rep_ == nullptr; }
  StatusCode code() const { return rep_ ? rep_->code : StatusCode::kOk; }
  /// errno of a device error, else 0.
  int sys_errno() const { return rep_ ? rep_->sys_errno : 0; }
  /// A number by which the layer that made the failure tells its kinds apart (in device:
  /// TapeError), or 0.
  int reason() const { return rep_ ? rep_->reason : 0; }
  Status WithReason(int reason) &&;
  /// Empty when ok().
  const std::string& message() const;
  /// "corrupt: block 12: header checksum differs", or "ok".
  std::string ToString() const;

  /// The same failure with `context` and ": " before its text; does nothing to success.
  Status Annotate(std::string_view context) &&;
  Status Annotate(std::string_view context) const&;

 private:
  struct Rep {
    StatusCode code;
    int sys_errno;
    int reason;
    std::string message;
  };
  std::unique_ptr<Rep> rep_;
};

inline Status OkStatus() { return {}; }
Status InvalidArgument(std::string message);
Status NotFound(std::string message);
Status Exists(std::string message);
Status Foreign(std::string message);
Status Unsupported(std::string message);
Status Corrupt(std::string message);
Status Truncated(std::string message);
Status LimitExceeded(std::string message);
Status DeviceError(std::string message);
Status EndOfMedium(std::string message);
Status Busy(std::string message);
Status Cancelled(std::string message);
Status Internal(std::string message);

/// A value, or the Status that explains its absence.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    assert(!status_.ok());
  }

  bool ok() const { return status_.ok(); }
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }

  /// Precondition of all of these: ok().
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace tapir

#define TAPIR_CONCAT_INNER(a, b) a##b
#define TAPIR_CONCAT(a, b) TAPIR_CONCAT_INNER(a, b)

/// Leaves the enclosing function with the failure of `expression` (a Status), if it failed.
#define TAPIR_RETURN_IF_ERROR(expression)                                  \
  do {                                                                     \
    if (::tapir::Status tapir_status = (expression); !tapir_status.ok()) { \
      return tapir_status;                                                 \
    }                                                                      \
  } while (false)

/// Assigns the value of `expression` (a Result) to `target`, or leaves with its failure.
#define TAPIR_ASSIGN_OR_RETURN(target, expression) \
  TAPIR_ASSIGN_OR_RETURN_INNER(TAPIR_CONCAT(tapir_result_, __LINE__), target, expression)
#define TAPIR_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                    \
  if (!result.ok()) return std::move(result).status();           \
  target = *std::move(result)
