#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "tapir/base/progress.h"
#include "tools/standard_error.h"

namespace tapir::cli {

/// Which of the two byte counts of a Progress a run is measured by, and its expected_bytes too.
enum class ProgressMeasure { kContent, kVolume };

/// What a progress line shows.
struct ProgressView {
  uint64_t bytes = 0;
  uint64_t expected_bytes = 0;  ///< 0: not known
  uint64_t objects = 0;
  double bytes_per_second = 0;
  uint64_t buffered_bytes = 0;
  uint64_t buffer_capacity_bytes = 0;  ///< 0: there is no buffer to show
};

/// "1.2 GiB of 3.4 GiB, 153.0 MiB/s, 12,345 objects, buffer 75 %, 0:14 left"
std::string FormatProgress(const ProgressView& view);

/// Shows a Progress on standard error from its construction to its destruction, five times a
/// second.
class ProgressLine {
 public:
  ProgressLine(const Progress& progress, ProgressMeasure measure, StandardError& error);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  void Show(const std::stop_token& stop);

  const Progress& progress_;
  const ProgressMeasure measure_;
  StandardError& error_;
  const std::chrono::steady_clock::time_point start_;
  std::jthread thread_;
};

}  // namespace tapir::cli
