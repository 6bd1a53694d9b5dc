#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/huge_memory.h"

namespace tapir::internal {

/// Reads a file ahead of its caller, past the page cache. It only ever helps: where it has nothing
/// (before Start, at the end of the file, at a bad place) the caller reads for itself.
///
/// One thread calls; one of its own reads.
class ReadAhead {
 public:
  /// `direct` is a descriptor with O_DIRECT and must outlive this.
  ReadAhead(int direct, size_t memory_bytes);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Begins anew at `offset`; what was read ahead is dropped.
  void Start(uint64_t offset);
  /// Ends reading ahead without waiting for a transfer under way.
  void Stop();

  /// Copies bytes of the file from `offset` on, waiting for those under way. Returns how many;
  /// fewer than asked for when reading ahead has ended. Offsets may leave out bytes but never go
  /// back.
  size_t Take(uint64_t offset, std::span<std::byte> buffer);

 private:
  struct Slot {
    std::span<std::byte> memory;
    uint64_t offset = 0;
    size_t size = 0;
  };

  void Run();
  /// The slot that holds `offset`, or null when reading ahead has ended before it.
  Slot* Await(uint64_t offset);
  void ReleaseFront(std::unique_lock<std::mutex>& lock);
  void Clear();

  const int direct_;
  HugeMemory memory_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Slot> ready_;
  std::vector<Slot> free_;
  uint64_t next_offset_ = 0;
  uint64_t epoch_ = 0;  // tells a transfer begun before a Start or Stop that nobody wants it
  bool reading_ = false;
  bool stop_ = false;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace tapir::internal
