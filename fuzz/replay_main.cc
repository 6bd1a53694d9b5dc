// Runs a fuzz target over stored inputs without a fuzzing engine, so that the
// targets are built and their corpus is replayed in every developer build.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void ReplayFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  // A copy of exact size, so that a read past the end is seen by a sanitizer.
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::size_t Replay(const fs::path& path) {
  if (!fs::is_directory(path)) {
    ReplayFile(path);
    return 1;
  }
  std::size_t count = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    ReplayFile(entry.path());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::uint8_t none = 0;
    LLVMFuzzerTestOneInput(&none, 0);
    std::size_t count = 1;
    for (int i = 1; i < argc; ++i) count += Replay(argv[i]);
    std::printf("%zu inputs replayed\n", count);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 1;
  }
}
