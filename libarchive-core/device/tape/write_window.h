#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "base/huge_memory.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// What was written to a tape last: blocks with their bytes, in a ring of memory, and filemarks.
/// The oldest go as others come. Not thread-safe.
class WriteWindow {
 public:
  struct Object {
    bool mark = false;
    bool immediate = false;            ///< of a mark
    std::span<const std::byte> bytes;  ///< of a block, until the window changes
  };

  /// The memory is taken as it is filled.
  explicit WriteWindow(uint64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  /// Forgets everything; what is added next stands at `first`.
  void Restart(const DevicePosition& first);
  void AddBlock(std::span<const std::byte> block);
  void AddMark(bool immediate);
  /// Takes away what stands at this object number and behind it.
  void CutAt(uint64_t end);

  /// Where the oldest object stands that is kept.
  const DevicePosition& first() const { return first_; }
  /// Object number behind the last one.
  uint64_t end() const { return first_.object + objects_.size(); }
  /// Precondition: first().object <= object < end().
  const Object& at(uint64_t object) const { return objects_[object - first_.object]; }
  size_t longest_block_bytes() const;

 private:
  size_t PlaceOf(const Object& block) const;
  bool OldestBlockLiesIn(size_t begin, size_t end) const;
  void DropFirst();
  void DropOldestBlock();
  void Add(const Object& object);

  uint64_t capacity_bytes_;
  std::optional<internal::HugeMemory> memory_;
  size_t head_ = 0;  ///< of the ring, where the next block goes
  DevicePosition first_;
  std::deque<Object> objects_;
};

}  // namespace tapir
