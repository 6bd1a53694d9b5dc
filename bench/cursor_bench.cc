#include <random>

#include "bench/bench_support.h"
#include "bytes/cursor.h"

namespace tapir::bench {
namespace {

constexpr size_t kValues = 4096;

// Lengths of varints as an index has them: mostly one or two bytes, some long ones.
std::vector<uint64_t> SomeValues() {
  std::mt19937_64 random(1);
  std::vector<uint64_t> values(kValues);
  for (uint64_t& value : values) value = random() >> (random() % 8 == 0 ? 8 : 50);
  return values;
}

std::string Varints(const std::vector<uint64_t>& values) {
  std::string text;
  WriteCursor to(text);
  for (uint64_t value : values) to.Varint(value);
  return text;
}

void WriteFields(benchmark::State& state) {
  std::string text;
  for (auto _ : state) {
    text.clear();
    WriteCursor to(text);
    for (uint32_t i = 0; i < kValues; ++i) {
      to.U8(1);
      to.U16(2);
      to.U32(i);
      to.U64(i);
    }
    benchmark::DoNotOptimize(text.data());
  }
  SetBytes(state, text.size());
  Fails(state, text.size() == kValues * 15, "fields have other lengths");
}
BENCHMARK(WriteFields);

void ReadFields(benchmark::State& state) {
  std::string text = test::RandomBytes(kValues * 15, 1);
  uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    ReadCursor in(AsBytes(text));
    while (in.remaining() > 0) sum += uint64_t{in.U8()} + in.U16() + in.U32() + in.U64();
    benchmark::DoNotOptimize(sum);
  }
  SetBytes(state, text.size());
  Fails(state, sum != 0, "nothing was read");
}
BENCHMARK(ReadFields);

void WriteVarints(benchmark::State& state) {
  std::vector<uint64_t> values = SomeValues();
  std::string text;
  for (auto _ : state) {
    text.clear();
    WriteCursor to(text);
    for (uint64_t value : values) to.Varint(value);
    benchmark::DoNotOptimize(text.data());
  }
  SetItems(state, kValues);
  Fails(state, text == Varints(values), "varints differ");
}
BENCHMARK(WriteVarints);

void ReadVarints(benchmark::State& state) {
  std::vector<uint64_t> values = SomeValues();
  std::string text = Varints(values);
  std::vector<uint64_t> read(kValues);
  for (auto _ : state) {
    ReadCursor in(AsBytes(text));
    for (uint64_t& value : read) value = in.Varint();
    benchmark::DoNotOptimize(read.data());
  }
  SetItems(state, kValues);
  Fails(state, read == values, "varints differ");
}
BENCHMARK(ReadVarints);

}  // namespace
}  // namespace tapir::bench
