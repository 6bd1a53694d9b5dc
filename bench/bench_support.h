#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/memory_source.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"

namespace tapir::bench {

/// Ends the benchmark as failed, and true, unless `fact` holds. Used outside the timed loop.
inline bool Fails(benchmark::State& state, bool fact, const char* what) {
  if (!fact) state.SkipWithError(what);
  return !fact;
}

inline void SetBytes(benchmark::State& state, size_t bytes_each) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(bytes_each));
}
inline void SetItems(benchmark::State& state, size_t items_each) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(items_each));
}

/// Paths as source trees have them, in path order: folders of 20 files, four levels deep.
std::vector<std::string> RealisticPaths(size_t count);

/// Files of 1 to 32 KiB of text, with a large one of 4 MiB after every thousand.
std::vector<test::MemoryObject> RealisticTree(size_t files);

}  // namespace tapir::bench
