// Runs a fuzz target over stored inputs without a fuzzing engine, so that the targets are built and
// their corpus is replayed in every developer build. Targets with a mutator of their own are given
// changed inputs, too: the same in every run, more of them with TAPIR_FULL=1.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <vector>

#include "tests/support/test_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                                                     std::size_t size,
                                                                     std::size_t max_size,
                                                                     unsigned seed);
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kMaxGrowthBytes = 16u << 10;

std::minstd_rand g_random;

std::size_t Below(std::size_t count) { return g_random() % count; }

// A copy of exact size, so that a read past the end is seen by a sanitizer.
void Run(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, data + size);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

// Where it is asked for, the input that is about to be run is kept: the last one is the finding.
void RunChanged(const std::uint8_t* data, std::size_t size) {
  if (const char* path = std::getenv("TAPIR_FUZZ_KEEP")) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  Run(data, size);
}

std::size_t RunVariants(const Bytes& input) {
  if (LLVMFuzzerCustomMutator == nullptr) return 0;
  const unsigned variants = tapir::test::FullRun() ? 2000 : 40;
  for (unsigned seed = 1; seed <= variants; ++seed) {
    Bytes changed = input;
    changed.resize(input.size() + kMaxGrowthBytes);
    g_random.seed(seed);
    std::size_t size = input.size();
    for (unsigned step = 0; step <= seed % 4; ++step) {
      size = LLVMFuzzerCustomMutator(changed.data(), size, changed.size(), seed * 4 + step);
    }
    RunChanged(changed.data(), size);
  }
  return variants;
}

std::size_t ReplayFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  const Bytes input{std::istreambuf_iterator<char>(file), {}};
  Run(input.data(), input.size());
  return 1 + RunVariants(input);
}

std::size_t Replay(const fs::path& path) {
  if (!fs::is_directory(path)) return ReplayFile(path);
  // In an order that does not depend on the folder.
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::size_t count = 0;
  for (const fs::path& found : files) count += ReplayFile(found);
  return count;
}

}  // namespace

// What libFuzzer brings, in small.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t max_size) {
  static constexpr std::uint8_t kEdges[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '/', '.'};
  if (size == 0) {
    if (max_size > 0) data[size++] = kEdges[Below(std::size(kEdges))];
    return size;
  }
  const std::size_t at = Below(size);
  const std::size_t count = 1 + Below(std::min<std::size_t>(size - at, 8));
  switch (Below(6)) {
    case 0: data[at] = static_cast<std::uint8_t>(data[at] ^ (1u << Below(8))); break;
    case 1: std::fill_n(data + at, count, kEdges[Below(std::size(kEdges))]); break;
    case 2: data[at] = static_cast<std::uint8_t>(g_random()); break;
    case 3: std::memmove(data + at, data + Below(size - count + 1), count); break;
    case 4: std::memmove(data + at, data + at + count, size - at - count); return size - count;
    default:
      if (size + count > max_size) break;
      std::memmove(data + at + count, data + at, size - at);
      return size + count;
  }
  return size;
}

int main(int argc, char** argv) {
  try {
    if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
    const std::uint8_t none = 0;
    LLVMFuzzerTestOneInput(&none, 0);
    std::size_t count = 1;
    for (int i = 1; i < argc; ++i) count += Replay(argv[i]);
    std::printf("%zu inputs run\n", count);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 1;
  }
}
