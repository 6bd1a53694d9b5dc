#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tapir {

/// What a run tells about single objects or places, while it goes on.
enum class NoticeKind {
  kNote,        ///< worth a word, no effect on the exit status (a socket was skipped)
  kWarning,     ///< something was left out or could not be set; exit status 1
  kDifference,  ///< verify --against: source and volume differ; exit status 1
  kDamage,      ///< bytes of the volume are wrong; exit status 3
  kFailure,     ///< device or file error; exit status 4
};

/// A sink for notices. Implementations must be thread-safe.
class Reporter {
 public:
  virtual ~Reporter() = default;
  /// `subject` is a path of the archive or a place on the volume (raw bytes, not escaped); may be
  /// empty. `text` is a sentence without a full stop.
  virtual void Report(NoticeKind kind, std::string_view subject, std::string_view text) = 0;
};

}  // namespace tapir
