#include "device/vtape/time_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tapir::vtape {
namespace {

constexpr double kMega = 1e6;
// To find the servo track and begin, wherever the tape goes.
constexpr double kSettleSeconds = 2;

}  // namespace

TimeModel::TimeModel(const TapeProfile& profile, Clock clock)
    : profile_(profile), clock_(std::move(clock)), last_host_s_(clock_()) {}

// The place along the tape, 0 to 1: forth in even wraps, back in odd ones.
double TimeModel::Along(uint64_t bytes) const {
  double wraps =
      static_cast<double>(bytes) / static_cast<double>(profile_.capacity_bytes) * profile_.wraps;
  double whole = std::floor(wraps);
  double part = wraps - whole;
  return std::fmod(whole, 2) == 0 ? part : 1 - part;
}

void TimeModel::Stream(double bytes) {
  double seconds = bytes / (profile_.native_mb_per_s * kMega);
  times_.streaming_s += seconds;
  times_.total_s += seconds;
}

void TimeModel::Stop() {
  motion_ = Motion::kStopped;
  times_.back_hitches += 1;
  times_.hitching_s += profile_.back_hitch_s;
  times_.total_s += profile_.back_hitch_s;
}

void TimeModel::PassHostTime() {
  double now = clock_();
  double away = std::max(0.0, now - std::exchange(last_host_s_, now));
  times_.total_s += away;
  if (motion_ == Motion::kWriting) DrainFor(away);
  if (motion_ == Motion::kReading) ReadAheadFor(away);
}

void TimeModel::DrainFor(double seconds) {
  double half = static_cast<double>(profile_.buffer_bytes) / 2;
  double rate = kMega * (to_write_ > half ? profile_.native_mb_per_s : profile_.slowest_mb_per_s);
  double drained = seconds * rate;
  if (drained < to_write_) {
    to_write_ -= drained;
    times_.streaming_s += seconds;
    return;
  }
  times_.streaming_s += std::exchange(to_write_, 0) / rate;
  Stop();
}

void TimeModel::ReadAheadFor(double seconds) {
  auto buffer = static_cast<double>(profile_.buffer_bytes);
  read_ahead_ += seconds * profile_.native_mb_per_s * kMega;
  if (read_ahead_ < buffer) return;
  read_ahead_ = buffer;
  Stop();
}

void TimeModel::Write(uint64_t bytes) {
  PassHostTime();
  if (motion_ == Motion::kReading) Stop();
  read_ahead_ = 0;
  to_write_ += static_cast<double>(bytes);
  auto buffer = static_cast<double>(profile_.buffer_bytes);
  if (double over = to_write_ - buffer; over > 0) {
    to_write_ = buffer;
    Stream(over);
  }
  if (to_write_ >= buffer / 2) motion_ = Motion::kWriting;
}

void TimeModel::Read(uint64_t bytes) {
  PassHostTime();
  motion_ = Motion::kReading;
  double missing = static_cast<double>(bytes) - read_ahead_;
  read_ahead_ = std::max(0.0, -missing);
  if (missing > 0) Stream(missing);
}

void TimeModel::Flush() {
  PassHostTime();
  if (to_write_ == 0) return;
  Stream(std::exchange(to_write_, 0));
  Stop();
}

void TimeModel::Travel(double seconds) {
  motion_ = Motion::kStopped;
  read_ahead_ = 0;
  times_.moving_s += seconds;
  times_.total_s += seconds;
}

void TimeModel::Move(uint64_t from_bytes, uint64_t to_bytes) {
  Flush();
  if (from_bytes == to_bytes) return;
  // The average place is half a length away from the load point.
  double length_s = 2 * (profile_.average_locate_s - kSettleSeconds);
  times_.locates += 1;
  Travel(kSettleSeconds + std::abs(Along(from_bytes) - Along(to_bytes)) * length_s);
}

void TimeModel::Rewind(uint64_t from_bytes) {
  Flush();
  Travel(Along(from_bytes) * 2 * profile_.average_rewind_s);
}

void TimeModel::Load() {
  PassHostTime();
  times_ = {};
  times_.moving_s = times_.total_s = profile_.load_s;
}

void TimeModel::Unload(uint64_t from_bytes) {
  Rewind(from_bytes);
  Travel(profile_.unload_s);
}

ModelTimes TimeModel::times() const {
  TimeModel now = *this;
  now.PassHostTime();
  return now.times_;
}

}  // namespace tapir::vtape
