#pragma once

#include <cstdint>

namespace tapir {

/// When a buffer in front of a medium that must keep moving may be written: it is let run empty,
/// and then filled to a mark before writing goes on. Knows no time and no threads.
class WriteRuns {
 public:
  struct Marks {
    uint64_t high_bytes = 0;  ///< filled so far, writing begins; 0: with the first byte
    uint64_t full_bytes = 0;  ///< nothing more is taken in
  };

  explicit WriteRuns(const Marks& marks) : marks_(marks), filling_(marks.high_bytes > 0) {}

  bool HasRoom(uint64_t bytes) const { return bytes < marks_.full_bytes; }
  bool MayWrite(uint64_t bytes) const { return !filling_ || bytes >= marks_.high_bytes; }
  /// Writing waits for the high mark.
  bool filling() const { return filling_; }

  void Begin() { filling_ = false; }
  /// Something was written, and so many bytes are left.
  void Written(uint64_t bytes_left) { filling_ = bytes_left == 0 && marks_.high_bytes > 0; }

 private:
  Marks marks_;
  bool filling_;
};

/// Marks for media that must keep moving: the fuller the buffer, the longer the run, and what is
/// left free is filled by the source while the medium gets going.
inline WriteRuns::Marks LongRuns(uint64_t capacity_bytes) {
  return {.high_bytes = capacity_bytes - capacity_bytes / 16, .full_bytes = capacity_bytes};
}

}  // namespace tapir
