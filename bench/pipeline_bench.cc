#include <memory>
#include <utility>

#include "bench/bench_support.h"
#include "object/forward_reader.h"

namespace tapir::bench {
namespace {

constexpr size_t kFiles = 2000;

const std::vector<test::MemoryObject>& Tree() {
  static const std::vector<test::MemoryObject> kTree = RealisticTree(kFiles);
  return kTree;
}

size_t ContentBytes() {
  size_t bytes = 0;
  for (const test::MemoryObject& object : Tree()) bytes += object.bytes.size();
  return bytes;
}

std::unique_ptr<test::VolumeBuilder> Archive(test::MemorySource source, int zstd_level,
                                             unsigned threads) {
  auto volume = std::make_unique<test::VolumeBuilder>(test::FixedLabel(1u << 20));
  volume->options().zstd_level = zstd_level;
  volume->options().threads = threads;
  test::Check(volume->Add(source).status());
  return volume;
}

// Counts what was proven.
class CountingSink final : public VolumeSink {
 public:
  Status Whole(const ParsedRecord&, const DecodedChunk&) override { return Count(); }
  Status Begin(const AssembledObject&) override { return OkStatus(); }
  Status Refer(const AssembledObject&, const Reference&) override { return OkStatus(); }
  Status Data(const AssembledObject&, uint32_t, uint64_t, ByteSpan) override { return OkStatus(); }
  Status End(const AssembledObject&, Proof proof) override {
    return proof == Proof::kDigest ? Count() : OkStatus();
  }
  void Abandon(const AssembledObject&) override {}
  Status Marker(const ParsedRecord&, const DecodedChunk&) override { return OkStatus(); }
  void Lost(uint64_t, uint64_t) override {}
  void Damaged(const Damage&) override {}
  Status ChunkDone(const DecodedChunk&) override { return OkStatus(); }
  Status SessionBegin(const ForwardSession&) override { return OkStatus(); }
  Status SessionEnd(const ForwardSession&) override { return OkStatus(); }

  size_t proven = 0;

 private:
  Status Count() {
    ++proven;
    return OkStatus();
  }
};

size_t ReadForward(BlockDevice& device, unsigned threads) {
  std::unique_ptr<ThreadPool> pool;
  if (threads > 1) pool = std::make_unique<ThreadPool>(threads);
  ForwardReader::Options options;
  options.pool = pool.get();
  CountingSink sink;
  test::Check(device.Locate({}));
  ForwardReader reader(device, options, sink);
  test::Check(reader.Run());
  return sink.proven;
}

void WriteSession(benchmark::State& state) {
  int level = static_cast<int>(state.range(0));
  auto threads = static_cast<unsigned>(state.range(1));
  std::unique_ptr<test::VolumeBuilder> volume;
  for (auto _ : state) {
    state.PauseTiming();
    test::MemorySource source(Tree());
    state.ResumeTiming();
    volume = Archive(std::move(source), level, threads);
  }
  SetBytes(state, ContentBytes());
  state.counters["ratio"] =
      static_cast<double>(volume->device().bytes().size()) / static_cast<double>(ContentBytes());
  bool same =
      volume->device().bytes() == Archive(test::MemorySource(Tree()), level, 1)->device().bytes();
  if (Fails(state, same, "the bytes depend on the threads")) return;
  Fails(state, ReadForward(volume->device(), 1) == kFiles, "files are missing");
}
BENCHMARK(WriteSession)
    ->ArgNames({"zstd", "threads"})
    ->ArgsProduct({{0, 3}, {1, 2, 4}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void ReadSession(benchmark::State& state) {
  std::unique_ptr<test::VolumeBuilder> volume =
      Archive(test::MemorySource(Tree()), static_cast<int>(state.range(0)), 2);
  size_t proven = 0;
  for (auto _ : state) {
    proven = ReadForward(volume->device(), static_cast<unsigned>(state.range(1)));
  }
  SetBytes(state, ContentBytes());
  Fails(state, proven == kFiles, "files are missing");
}
BENCHMARK(ReadSession)
    ->ArgNames({"zstd", "threads"})
    ->ArgsProduct({{0, 3}, {1, 2, 4}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tapir::bench
