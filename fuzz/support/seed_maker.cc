#include "fuzz/support/seed_maker.h"

#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>

namespace tapir::fuzz {

void WriteSeed(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.good()) throw std::runtime_error("cannot write " + path);
}

int MakeSeeds(int argc, char** argv, const std::function<void(const std::string& folder)>& make) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  try {
    make(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

}  // namespace tapir::fuzz
