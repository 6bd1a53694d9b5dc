#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <thread>

#include "base/huge_memory.h"

namespace tapir::internal {

/// Writes blocks behind its caller's back, adjacent ones together, from a ring of bytes.
///
/// One thread calls; one of its own writes. The first failure ends it: whatever had not reached
/// the file by then is dropped.
class FileWriter {
 public:
  /// Where the writing stopped.
  struct Failure {
    int sys_errno = 0;         ///< 0: none
    uint64_t end_offset = 0;   ///< end of the last block the file took whole
    uint64_t lost_blocks = 0;  ///< blocks that Write had accepted behind that
  };

  /// Writes from `offset` on through `direct`, or through `buffered` if `direct` is -1 or turns out
  /// not to do. Both must outlive this. `ring_bytes` and `offset` are multiples of 4,096.
  FileWriter(int direct, int buffered, uint64_t offset, size_t ring_bytes);
  /// Drops what has not been written.
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  /// Takes a copy of a block, waiting for room. False after a failure; the block is not taken then.
  bool Write(std::span<const std::byte> block);
  /// Waits until all is written. False after a failure.
  bool Drain();
  Failure failure() const;

 private:
  void Run();
  std::span<const std::byte> NextPiece() const;
  int WritePiece(std::span<const std::byte> piece, uint64_t offset, size_t& written);
  void Account(size_t written, int error);

  int direct_;  // of the writing thread once that runs
  const int buffered_;
  HugeMemory ring_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Offsets in the file; the ring holds what lies between, at `offset % ring size`.
  uint64_t written_offset_;
  uint64_t taken_offset_;
  std::deque<uint64_t> block_ends_;  // of blocks taken and not wholly written
  uint64_t good_end_;
  int sys_errno_ = 0;
  bool stop_ = false;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace tapir::internal
