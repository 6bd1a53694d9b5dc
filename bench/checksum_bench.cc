#include "bench/bench_support.h"
#include "bytes/checksum.h"

namespace tapir::bench {
namespace {

size_t SizeOf(const benchmark::State& state) { return static_cast<size_t>(state.range(0)); }

void Checksum(benchmark::State& state) {
  std::string bytes = test::RandomBytes(SizeOf(state), 1);
  uint64_t checksum = 0;
  for (auto _ : state) {
    checksum = Checksum64(AsBytes(bytes));
    benchmark::DoNotOptimize(checksum);
  }
  SetBytes(state, bytes.size());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  Fails(state, checksum != Checksum64(AsBytes(bytes)), "a flipped bit is not seen");
}
BENCHMARK(Checksum)->RangeMultiplier(8)->Range(4 << 10, 2 << 20);

void Digest(benchmark::State& state) {
  std::string bytes = test::RandomBytes(SizeOf(state), 1);
  Digest128 digest{};
  for (auto _ : state) {
    digest = ComputeDigest128(AsBytes(bytes));
    benchmark::DoNotOptimize(digest);
  }
  SetBytes(state, bytes.size());
  StreamDigester digester(false);
  digester.Update(AsBytes(bytes));
  Fails(state, digester.Finish().xxh128 == digest, "the digest in pieces differs");
}
BENCHMARK(Digest)->RangeMultiplier(8)->Range(4 << 10, 2 << 20);

void StreamDigest(benchmark::State& state, bool with_sha256) {
  std::string bytes = test::RandomBytes(SizeOf(state), 1);
  StreamDigester digester(with_sha256);
  StreamDigester::Digests digests;
  for (auto _ : state) {
    digester.Reset();
    digester.Update(AsBytes(bytes));
    digests = digester.Finish();
    benchmark::DoNotOptimize(digests);
  }
  SetBytes(state, bytes.size());
  bool right = digests.xxh128 == ComputeDigest128(AsBytes(bytes)) &&
               (digests.sha256 != Sha256{}) == with_sha256;
  Fails(state, right, "digests differ");
}
BENCHMARK_CAPTURE(StreamDigest, xxh128, false)->RangeMultiplier(8)->Range(4 << 10, 2 << 20);
BENCHMARK_CAPTURE(StreamDigest, with_sha256, true)->RangeMultiplier(8)->Range(4 << 10, 2 << 20);

}  // namespace
}  // namespace tapir::bench
