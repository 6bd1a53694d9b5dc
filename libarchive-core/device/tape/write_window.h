#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "tapir/device/block_device.h"

namespace tapir {

/// What was written to a tape last: blocks with their bytes, and filemarks. The oldest go as others
/// come, so that it never takes more than its capacity and one block. Not thread-safe.
class WriteWindow {
 public:
  struct Object {
    bool mark = false;
    bool immediate = false;  ///< of a mark
    std::vector<std::byte> bytes;
  };

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
  void DropFirst();
  void Add(Object object);

  uint64_t capacity_bytes_;
  DevicePosition first_;
  std::deque<Object> objects_;
  uint64_t used_bytes_ = 0;
  std::vector<std::byte> spare_;  ///< memory of a dropped block, for the next one
};

}  // namespace tapir
