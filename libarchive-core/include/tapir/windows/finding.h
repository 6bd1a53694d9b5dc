#pragma once

#include <cstdint>
#include <string>

namespace tapir {

/// How grave it is that bytes of a Windows format differ from what its text says.
enum class Severity {
  kInfo,     ///< worth showing
  kWarning,  ///< readable, but not as a writer should have made it
  kError,    ///< well formed, but it cannot be restored or contradicts something else
  kReject,   ///< malformed
};

/// One thing found, and where.
struct Finding {
  uint64_t offset = 0;  ///< bytes from the start of what was checked
  Severity severity = Severity::kReject;
  std::string text;  ///< a clause without a full stop

  bool operator==(const Finding&) const = default;
};

}  // namespace tapir
