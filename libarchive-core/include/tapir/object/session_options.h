#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tapir/base/ambient.h"
#include "tapir/base/progress.h"
#include "tapir/base/reporter.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// How a session is written. Everything that shapes the bytes is here or in the input (threads and
/// memory do not: promise P14).
struct SessionOptions {
  /// zstd level 1..19; 0 stores.
  int zstd_level = 3;
  /// SHA-256 beside XXH3-128.
  bool with_sha256 = false;
  /// Store equal files once (format chapter 5.6).
  bool dedup = true;

  /// Records of the session as a whole (POLICY_MANIFEST), written before the first object.
  std::vector<OpaqueRecord> session_records;

  /// Threads that compress; 1 does everything on the calling thread.
  unsigned threads = 2;
  /// Threads that read the source, when threads > 1.
  unsigned io_threads = 16;
  /// What may lie in memory between reading and writing, in bytes.
  size_t memory_bytes = size_t{64} << 20;

  /// Chunks ready to be written, in bytes, apart from `memory_bytes`; 0: as many as keep the
  /// writing thread busy. A medium that must keep moving wants more: it is then written in long
  /// runs.
  uint64_t stream_buffer_bytes = 0;

  /// The session may go on on another volume: what that takes is kept.
  bool may_continue = false;

  Ambient* ambient = &Ambient::System();
  Reporter* reporter = nullptr;  ///< required
  Progress* progress = nullptr;  ///< optional
  /// Set by others to end the session early, as interrupted. Optional.
  const std::atomic<bool>* cancelled = nullptr;
};

/// How a stream to a medium that must keep moving went.
struct StreamReport {
  uint64_t capacity_bytes = 0;
  uint64_t most_bytes = 0;  ///< in the buffer at once
  uint64_t pauses = 0;      ///< the buffer ran empty and was filled again
  double pause_s = 0;       ///< all of them together
};

}  // namespace tapir
