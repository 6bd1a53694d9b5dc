#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "tapir/base/reporter.h"

namespace tapir::target {

/// What a restored object may lack. The texts are in losses.cc.
enum class Loss {
  kOwner,
  kSetId,
  kMode,
  kTimes,
  kUserXattr,
  kTrustedXattr,
  kSecurityXattr,
  kAcl,
  kOtherXattr,
  kDeviceNode,
  kHardLink,
};
inline constexpr size_t kLossKinds = 11;

/// Counts losses; reports the first of each kind at once with its path, and how many there were at
/// the end. Thread-safe.
class Losses {
 public:
  /// `reporter` may be null and must outlive this.
  explicit Losses(Reporter* reporter) : reporter_(reporter) {}

  /// `sys_errno` says why, 0 if the kind says it already.
  void Add(Loss kind, std::string_view path, int sys_errno);

  /// Reports the number of each kind that was met more than once.
  void ReportTotals();

 private:
  Reporter* reporter_;
  std::array<std::atomic<uint64_t>, kLossKinds> counts_{};
};

}  // namespace tapir::target
