#include "tapir/base/buffer_pool.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "base/huge_memory.h"

namespace tapir {

namespace {
constexpr size_t kAlignmentBytes = 4096;
constexpr size_t kSlabBytes = 8u << 20;
constexpr size_t kLeastFromSlab = 256u << 10;

size_t RoundUpToAlignment(size_t bytes) {
  return (bytes + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
}
}  // namespace

AlignedBuffer::AlignedBuffer(size_t size_bytes) : size_(size_bytes) {
  const size_t rounded = RoundUpToAlignment(size_bytes);
  void* memory = std::aligned_alloc(kAlignmentBytes, rounded == 0 ? kAlignmentBytes : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  data_.reset(static_cast<std::byte*>(memory));
}

AlignedBuffer::AlignedBuffer(std::shared_ptr<void> owner, std::span<std::byte> part)
    : data_(part.data(), Free{std::move(owner)}), size_(part.size()) {}

void AlignedBuffer::Free::operator()(std::byte* data) const {
  if (!owner) std::free(data);
}

BufferPool::BufferPool(size_t buffer_bytes) : shared_(std::make_shared<Shared>()) {
  shared_->buffer_bytes = buffer_bytes;
}

std::unique_ptr<AlignedBuffer> BufferPool::Shared::Make() {
  if (buffer_bytes < kLeastFromSlab || buffer_bytes > kSlabBytes) {
    return std::make_unique<AlignedBuffer>(buffer_bytes);
  }
  std::lock_guard lock(mutex);
  const size_t stride = RoundUpToAlignment(buffer_bytes);
  if (slab_rest.size() < stride) {
    auto fresh = std::make_shared<internal::HugeMemory>(kSlabBytes);
    slab_rest = fresh->span();
    slab = std::move(fresh);
  }
  auto buffer = std::make_unique<AlignedBuffer>(slab, slab_rest.first(buffer_bytes));
  slab_rest = slab_rest.subspan(stride);
  return buffer;
}

std::shared_ptr<AlignedBuffer> BufferPool::Take() {
  std::unique_ptr<AlignedBuffer> buffer;
  {
    std::lock_guard lock(shared_->mutex);
    if (!shared_->free.empty()) {
      buffer = std::move(shared_->free.back());
      shared_->free.pop_back();
    }
  }
  if (!buffer) buffer = shared_->Make();
  return {buffer.release(), [shared = shared_](AlignedBuffer* returned) {
            std::unique_ptr<AlignedBuffer> owned(returned);
            std::lock_guard lock(shared->mutex);
            shared->free.push_back(std::move(owned));
          }};
}

}  // namespace tapir
