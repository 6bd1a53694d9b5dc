#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "tapir/base/reporter.h"
#include "tools/exit_status.h"
#include "tools/output.h"
#include "tools/standard_error.h"

namespace tapir::cli {

/// Prints notices as lines on standard error ("tapir: warning: 'a/b': text"), or as JSON objects
/// {"notice":"warning","path":"a/b","text":"..."}, and counts them. Thread-safe.
class ConsoleReporter final : public Reporter {
 public:
  /// `json`: where objects go instead of lines, or null. With `quiet` notes are only counted.
  ConsoleReporter(StandardError& error, Output* json, bool quiet);

  void Report(NoticeKind kind, std::string_view subject, std::string_view text) override;

  uint64_t count(NoticeKind kind) const;
  /// What the notices so far make of the exit status.
  ExitStatus exit_status() const;

 private:
  StandardError& error_;
  Output* const json_;
  const bool quiet_;
  mutable std::mutex mutex_;
  std::array<uint64_t, 5> counts_{};
};

}  // namespace tapir::cli
