#include "tools/progress_line.h"

#include <fmt/format.h>

#include <algorithm>

#include <condition_variable>
#include <mutex>

#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr auto kPeriod = std::chrono::milliseconds(200);
/// Before this the rate says little about the rest.
constexpr double kSecondsBeforeForecast = 2;

std::string FormatDuration(uint64_t seconds) {
  const uint64_t hours = seconds / 3600;
  const uint64_t minutes = seconds / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, seconds % 60);
  return fmt::format("{}:{:02}", minutes, seconds % 60);
}

}  // namespace

std::string FormatProgress(const ProgressView& view) {
  std::string line = FormatSize(view.bytes);
  if (view.expected_bytes > 0) line += " of " + FormatSize(view.expected_bytes);
  line += ", " + FormatSize(static_cast<uint64_t>(view.bytes_per_second)) + "/s";
  line += ", " + Counted(view.objects, "object");
  if (view.buffer_capacity_bytes > 0) {
    const double fill =
        static_cast<double>(view.buffered_bytes) / static_cast<double>(view.buffer_capacity_bytes);
    line += fmt::format(", buffer {:.0f} %", 100 * std::min(fill, 1.0));
  }
  if (view.expected_bytes > view.bytes && view.bytes_per_second >= 1) {
    const double seconds =
        static_cast<double>(view.expected_bytes - view.bytes) / view.bytes_per_second;
    constexpr double kTooLong = 1e7;
    if (seconds < kTooLong) line += ", " + FormatDuration(static_cast<uint64_t>(seconds)) + " left";
  }
  return line;
}

ProgressLine::ProgressLine(const Progress& progress, ProgressMeasure measure, StandardError& error)
    : progress_(progress),
      measure_(measure),
      error_(error),
      start_(std::chrono::steady_clock::now()),
      thread_([this](const std::stop_token& stop) { Show(stop); }) {}

ProgressLine::~ProgressLine() {
  thread_.request_stop();
  thread_.join();
  error_.Redraw("");
}

void ProgressLine::Show(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  const auto stopped = [&] { return stop.stop_requested(); };
  while (!condition.wait_for(lock, stop, kPeriod, stopped)) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    ProgressView view;
    view.bytes = measure_ == ProgressMeasure::kContent ? progress_.content_bytes.load()
                                                       : progress_.volume_bytes.load();
    view.objects = progress_.objects.load();
    view.bytes_per_second = static_cast<double>(view.bytes) / elapsed.count();
    view.buffered_bytes = progress_.buffered_bytes.load();
    view.buffer_capacity_bytes = progress_.buffer_capacity_bytes.load();
    if (elapsed.count() >= kSecondsBeforeForecast) {
      view.expected_bytes = progress_.expected_bytes.load();
    }
    error_.Redraw(FormatProgress(view));
  }
}

}  // namespace tapir::cli
