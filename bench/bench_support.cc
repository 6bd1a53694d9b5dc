#include "bench/bench_support.h"

#include <fmt/format.h>

#include <random>

namespace tapir::bench {

std::vector<std::string> RealisticPaths(size_t count) {
  std::vector<std::string> paths;
  paths.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    paths.push_back(fmt::format("home/project-{:03}/src/module_{:02}/file_name_{:02}.cc", i / 2000,
                                i / 20 % 100, i % 20));
  }
  return paths;
}

std::vector<test::MemoryObject> RealisticTree(size_t files) {
  std::mt19937_64 random(1);
  std::vector<test::MemoryObject> objects;
  objects.reserve(files);
  for (const std::string& path : RealisticPaths(files)) {
    bool large = objects.size() % 1000 == 999;
    size_t size = large ? size_t{4} << 20 : 1024 + random() % (31u << 10);
    objects.push_back(test::File(path, test::TextBytes(size, random())));
  }
  return objects;
}

}  // namespace tapir::bench
