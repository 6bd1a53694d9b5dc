#include "base/huge_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace tapir::internal {

namespace {
constexpr size_t kHugePageBytes = 2u << 20;
}

HugeMemory::HugeMemory(size_t size_bytes) {
  // One page more than needed, so that the used part can begin on a huge page.
  size_t mapped_bytes = size_bytes + kHugePageBytes;
  void* mapped =
      mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  mapping_ = {static_cast<std::byte*>(mapped), mapped_bytes};
  size_t past = reinterpret_cast<uintptr_t>(mapped) % kHugePageBytes;
  span_ = mapping_.subspan(past == 0 ? 0 : kHugePageBytes - past, size_bytes);
  madvise(span_.data(), span_.size(), MADV_HUGEPAGE);  // small pages do too
}

HugeMemory::~HugeMemory() { munmap(mapping_.data(), mapping_.size()); }

}  // namespace tapir::internal
