#include "tools/exit_status.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace tapir::cli {

ExitStatus ExitStatusOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk: return kExitDone;
    case StatusCode::kInvalidArgument: return kExitUsage;
    case StatusCode::kForeign:
    case StatusCode::kUnsupported: return kExitForeign;
    case StatusCode::kCorrupt:
    case StatusCode::kTruncated:
    case StatusCode::kLimitExceeded: return kExitDamage;
    case StatusCode::kCancelled: return kExitInterrupted;
    case StatusCode::kDeviceError:
      return status.sys_errno() == EPIPE ? kExitBrokenPipe : kExitFailure;
    case StatusCode::kNotFound:
    case StatusCode::kExists:
    case StatusCode::kEndOfMedium:
    case StatusCode::kBusy:
    case StatusCode::kInternal: return kExitFailure;
  }
  return kExitFailure;
}

ExitStatus Graver(ExitStatus a, ExitStatus b) {
  constexpr std::array kFromLight = {kExitDone,        kExitWarnings,  kExitDamage,
                                     kExitForeign,     kExitFailure,   kExitUsage,
                                     kExitInterrupted, kExitBrokenPipe};
  return std::max(a, b, [&](ExitStatus left, ExitStatus right) {
    return std::find(kFromLight.begin(), kFromLight.end(), left) <
           std::find(kFromLight.begin(), kFromLight.end(), right);
  });
}

}  // namespace tapir::cli
