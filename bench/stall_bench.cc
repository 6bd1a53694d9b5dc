#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>

#include "bench/bench_support.h"
#include "device/vtape/time_model.h"
#include "object/write_runs.h"

namespace tapir::bench {
namespace {

// How a source that does not keep up with the drive makes the tape stop: everything is counted on
// simulated time, by the model of an LTO-9 drive.

constexpr uint64_t kBlockBytes = 1u << 20;
constexpr const char* kDrive = "lto-9";
constexpr uint64_t kTotalBytes = 100'000'000'000;
constexpr double kTickS = 0.001;
// Beyond it a source has nothing; a little more than is written, for what rounding takes.
constexpr double kGiven = kTotalBytes + 1.0;

/// Bytes a second of a source that has been let run for so many seconds.
using Rate = std::function<double(double)>;

/// A source, a buffer of bytes and the drive behind it.
class Feed {
 public:
  Feed(const Rate& rate, const WriteRuns::Marks& marks) : rate_(rate), runs_(marks) {}

  void Run() {
    uint64_t written = 0;
    while (written < kTotalBytes) {
      const bool last = given_ >= kGiven;
      const auto ready = static_cast<uint64_t>(buffered_);
      if (!last && (ready < kBlockBytes || !runs_.MayWrite(ready))) {
        waited_s_ += kTickS;
        PassTime();
        continue;
      }
      runs_.Begin();
      const uint64_t bytes = std::min(kBlockBytes, kTotalBytes - written);
      drive_.Write(bytes);
      PassTime();
      written += bytes;
      buffered_ -= static_cast<double>(bytes);
      runs_.Written(buffered_ < kBlockBytes ? 0 : static_cast<uint64_t>(buffered_));
    }
    drive_.Flush();
  }
  vtape::ModelTimes times() const { return drive_.times(); }

 private:
  // The source runs while the drive is waited for, or the drive while the source is.
  void PassTime() {
    for (const double now = drive_.times().total_s; at_s_ < now; at_s_ += kTickS) {
      if (!runs_.HasRoom(static_cast<uint64_t>(buffered_)) || given_ >= kGiven) continue;
      const double bytes = rate_(source_s_) * kTickS;
      source_s_ += kTickS;
      given_ += bytes;
      buffered_ += bytes;
    }
  }

  Rate rate_;
  WriteRuns runs_;
  double waited_s_ = 0;  ///< by the host for the source
  double source_s_ = 0;
  double at_s_ = 0;
  double given_ = 0;
  double buffered_ = 0;
  vtape::TimeModel drive_{*FindTapeProfile(kDrive), [this] { return waited_s_; }};
};

/// What stands between source and drive.
struct Buffer {
  const char* name;
  WriteRuns::Marks marks;
};

constexpr WriteRuns::Marks Mbuffer(uint64_t bytes) { return {bytes / 100 * 90, bytes}; }

// `tar`, `tar | mbuffer -m SIZE -P 90`, and the same memory as a session's buffer.
const Buffer kBuffers[] = {
    {"tar", {.high_bytes = 0, .full_bytes = kBlockBytes}},
    {"mbuffer_512M", Mbuffer(512u << 20)},
    {"tapir_512M", LongRuns(512u << 20)},
    {"mbuffer_2G", Mbuffer(uint64_t{2} << 30)},
    {"tapir_2G", LongRuns(uint64_t{2} << 30)},
};

/// A source that gives at a share of the drive's speed for some seconds, and then nothing for as
/// many; for 0 seconds: without a break.
struct Source {
  const char* name;
  double share;
  double seconds;
};

const Source kSources[] = {
    {"half", 0.5, 0},      {"third", 1.0 / 3, 0}, {"quarter", 0.25, 0}, {"tenth", 0.1, 0},
    {"double_10s", 2, 10}, {"double_2s", 2, 2},   {"full_2s", 1, 2},    {"half_2s", 0.5, 2},
};

Rate RateOf(const Source& source) {
  const double bytes = FindTapeProfile(kDrive)->native_mb_per_s * 1e6 * source.share;
  return [bytes, seconds = source.seconds](double at) {
    return seconds == 0 || std::fmod(at, 2 * seconds) < seconds ? bytes : 0;
  };
}

vtape::ModelTimes Simulate(const Source& source, const WriteRuns::Marks& marks) {
  Feed feed(RateOf(source), marks);
  feed.Run();
  return feed.times();
}

void Stall(benchmark::State& state, const Source& source, const Buffer& buffer) {
  vtape::ModelTimes times;
  for (auto _ : state) times = Simulate(source, buffer.marks);
  state.counters["stops"] = static_cast<double>(times.back_hitches);
  state.counters["stopping_s"] = times.hitching_s;
  state.counters["total_s"] = times.total_s;
  const uint64_t others = Simulate(source, Mbuffer(buffer.marks.full_bytes)).back_hitches;
  const bool ours = std::string_view(buffer.name).starts_with("tapir");
  Fails(state, !ours || times.back_hitches <= others, "the tape stops more often than by mbuffer");
}

const int kRegistered = [] {
  for (const Source& source : kSources) {
    for (const Buffer& buffer : kBuffers) {
      const std::string name = fmt::format("Stall/{}/{}", source.name, buffer.name);
      benchmark::RegisterBenchmark(name.c_str(), Stall, source, buffer)->Iterations(1);
    }
  }
  return 0;
}();

}  // namespace
}  // namespace tapir::bench
