#pragma once

#include <atomic>
#include <cstdint>

namespace tapir {

/// How far a long run is. Written by the run, read by whoever shows it; thread-safe.
struct Progress {
  std::atomic<uint64_t> objects{0};
  std::atomic<uint64_t> content_bytes{0};  ///< read from the source, or proven, or restored
  std::atomic<uint64_t> volume_bytes{0};   ///< written to the volume, or read from it
  /// Ready for the volume and not written; of a medium that is written in long runs.
  std::atomic<uint64_t> buffered_bytes{0};
  std::atomic<uint64_t> buffer_capacity_bytes{0};
  /// What the run expects; 0: not known.
  std::atomic<uint64_t> expected_bytes{0};
  std::atomic<uint64_t> expected_objects{0};
};

}  // namespace tapir
