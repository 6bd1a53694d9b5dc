#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "object/chunk_builder.h"
#include "object/write_runs.h"
#include "tapir/base/progress.h"
#include "tapir/base/status.h"
#include "tapir/object/session_options.h"

namespace tapir {

/// Chunks on their way to the volume, written by a thread of their own in the order in which they
/// came. A medium that must keep moving is written in few, long runs: once the buffer is empty,
/// writing waits until it is nearly full.
///
/// Push and Finish are called by one thread. The destructor drops what is not written.
class StreamBuffer {
 public:
  /// Writes one chunk; called on the buffer's thread, not again after it failed.
  using Write = std::function<Status(PackedChunk)>;

  struct Options {
    uint64_t capacity_bytes = 0;  ///< one chunk more may always come in
    bool in_long_runs = false;    ///< as LongRuns has it, at the start and after each pause
    bool threaded = true;         ///< else Push writes itself
    Progress* progress = nullptr;
  };

  StreamBuffer(const Options& options, Write write);
  ~StreamBuffer();
  StreamBuffer(const StreamBuffer&) = delete;
  StreamBuffer& operator=(const StreamBuffer&) = delete;

  /// Hands a chunk over; waits while the buffer is full. Fails as writing did.
  Status Push(PackedChunk chunk);
  /// Waits until everything is written.
  Status Finish();
  /// After Finish.
  const StreamReport& report() const { return report_; }

 private:
  void Run();
  bool MayWrite() const;
  void Account();

  Options options_;
  Write write_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PackedChunk> chunks_;
  uint64_t bytes_ = 0;
  WriteRuns runs_;
  bool finishing_ = false;
  bool closing_ = false;
  Status failure_;
  StreamReport report_;
  std::jthread thread_;
};

}  // namespace tapir
