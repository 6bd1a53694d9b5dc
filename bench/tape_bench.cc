#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "bench/bench_support.h"
#include "bench/discarding_tape.h"
#include "device/scsi/ssc_drive.h"
#include "jobs/verify_sink.h"
#include "object/forward_reader.h"
#include "tapir/device/open_device.h"
#include "tapir/device/tape_block_device.h"
#include "tapir/source/posix_source.h"
#include "tests/support/ssc_model/model_transport.h"
#include "tests/support/ssc_model/ssc_model.h"
#ifdef TAPIR_WITH_ISCSI
#include "tapir/iscsi/iscsi_tape.h"
#endif

namespace tapir::bench {
namespace {

// What tapes are fed with, and what is read from them: a tree or file of this machine, through
// everything that is between the two.

constexpr uint32_t kBlockBytes = 1u << 20;

std::string Setting(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}
std::string SourcePath() { return Setting("TAPIR_BENCH_SOURCE", TAPIR_SOURCE_DIR "/format-spec"); }

/// A folder for volumes, of this process alone.
class WorkFolder {
 public:
  WorkFolder() : path_(Setting("TAPIR_BENCH_WORK", "/tmp") + "/tape-bench-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Device = std::unique_ptr<BlockDevice>;

struct Kind {
  const char* name;
  Device (*make)();
};

Device MakeNew(const char* prefix) {
  static const WorkFolder folder;
  const std::string path = folder.path() + "/volume";
  for (const char* end : {"", ".side"}) std::filesystem::remove(path + end);
  return test::Value(OpenDevice(prefix + path, OpenMode::kCreate));
}

Device MakeModelTape() {
  static std::unique_ptr<test::SscModel> model;
  model = std::make_unique<test::SscModel>(test::ModelOptions{.capacity_bytes = 1ull << 36});
  auto way = std::make_unique<test::ModelTransport>(*model);
  return test::Value(TapeBlockDevice::Create(test::Value(scsi::SscDrive::Open(std::move(way)))));
}

const Kind kKinds[] = {
    {"nowhere", []() -> Device { return std::make_unique<DiscardingTape>(); }},
    {"memory",
     []() -> Device {
       return std::make_unique<MemoryDevice>(MemoryDeviceOptions{.like_tape = true});
     }},
    {"file", [] { return MakeNew("file:"); }},
    {"vtape", [] { return MakeNew("vtape:"); }},
    {"model", MakeModelTape},
    {"iscsi",
     []() -> Device {
       return test::Value(OpenDevice(Setting("TAPIR_BENCH_ISCSI", ""), OpenMode::kAppend));
     }},
};

double ProcessSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

WrittenSession ArchiveTo(BlockDevice& device, int zstd_level, uint64_t buffer_bytes) {
  test::CollectingReporter reporter;
  PosixSourceOptions from;
  from.base_directory = "/";
  from.paths = {SourcePath()};
  from.reporter = &reporter;
  SessionOptions options;
  options.zstd_level = zstd_level;
  options.threads = std::thread::hardware_concurrency();
  options.stream_buffer_bytes = buffer_bytes;
  options.reporter = &reporter;
  test::Check(device.Locate({}));
  AppendPoint point = test::Value(WriteLabel(device, test::FixedLabel(kBlockBytes)));
  std::unique_ptr<PosixSource> source = test::Value(PosixSource::Create(std::move(from)));
  return test::Value(WriteSession(device, point, *source, options));
}

VerifyReport VerifyOn(BlockDevice& device) {
  VerifyReport report;
  VerifySink sink(report, nullptr, {}, {});
  ThreadPool pool(std::thread::hardware_concurrency());
  ForwardReader::Options options;
  options.pool = &pool;
  test::Check(device.Locate({}));
  ForwardReader reader(device, options, sink);
  test::Check(reader.Run());
  return report;
}

void CountPerGb(benchmark::State& state, uint64_t content_bytes, double cpu_s) {
  SetBytes(state, content_bytes);
  const auto bytes = static_cast<double>(content_bytes) * static_cast<double>(state.iterations());
  state.counters["cpu_s_per_GB"] = cpu_s / (bytes / 1e9);
}

void ArchiveTape(benchmark::State& state, const Kind& kind, int zstd_level, uint64_t buffer_bytes) {
  WrittenSession written;
  double cpu_s = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Device device = kind.make();
    const double before = ProcessSeconds();
    state.ResumeTiming();
    written = ArchiveTo(*device, zstd_level, buffer_bytes);
    state.PauseTiming();
    cpu_s += ProcessSeconds() - before;
    device.reset();
    state.ResumeTiming();
  }
  CountPerGb(state, written.totals.content_bytes, cpu_s);
  Fails(state, written.totals.content_bytes > 0 && written.totals.flawed == 0, "not all is stored");
}

void VerifyTape(benchmark::State& state, const Kind& kind, int zstd_level) {
  Device device = kind.make();
  const WrittenSession written = ArchiveTo(*device, zstd_level, 0);
  VerifyReport report;
  const double before = ProcessSeconds();
  for (auto _ : state) report = VerifyOn(*device);
  CountPerGb(state, written.totals.content_bytes, ProcessSeconds() - before);
  const bool whole = report.damage_count == 0 && report.objects == written.entry.object_count;
  Fails(state, whole, "not all is proven");
}

const int kRegistered = [] {
#ifdef TAPIR_WITH_ISCSI
  UseIscsiTapes();
#endif
  for (const Kind& kind : kKinds) {
    const std::string name = kind.name;
    if (name == "iscsi" && Setting("TAPIR_BENCH_ISCSI", "").empty()) continue;
    for (int level : {0, 3}) {
      const std::string how = name + (level == 0 ? "/stored" : "/zstd");
      for (const uint64_t buffer_mib : {64u, 2048u}) {
        if (name == "memory") continue;
        const std::string as = "ArchiveTape/" + how + "/" + std::to_string(buffer_mib) + "M";
        benchmark::RegisterBenchmark(as.c_str(), ArchiveTape, kind, level, buffer_mib << 20)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
      if (name == "nowhere") continue;
      benchmark::RegisterBenchmark(("VerifyTape/" + how).c_str(), VerifyTape, kind, level)
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  return 0;
}();

}  // namespace
}  // namespace tapir::bench
