#pragma once

#include <cstddef>
#include <span>

namespace tapir::internal {

/// Zeroed memory on huge pages where the system grants them: direct transfers then pin few pages
/// and the device gets few, long segments. Throws std::bad_alloc.
class HugeMemory {
 public:
  explicit HugeMemory(size_t size_bytes);
  ~HugeMemory();
  HugeMemory(const HugeMemory&) = delete;
  HugeMemory& operator=(const HugeMemory&) = delete;

  std::span<std::byte> span() const { return span_; }

 private:
  std::span<std::byte> mapping_;
  std::span<std::byte> span_;
};

}  // namespace tapir::internal
