#include "tapir/base/buffer_pool.h"

#include <cstdlib>
#include <new>

namespace tapir {

namespace {
constexpr size_t kAlignmentBytes = 4096;
}

AlignedBuffer::AlignedBuffer(size_t size_bytes) : size_(size_bytes) {
  size_t rounded = (size_bytes + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
  void* memory = std::aligned_alloc(kAlignmentBytes, rounded == 0 ? kAlignmentBytes : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  data_.reset(static_cast<std::byte*>(memory));
}

void AlignedBuffer::Free::operator()(std::byte* data) const { std::free(data); }

BufferPool::BufferPool(size_t buffer_bytes) : shared_(std::make_shared<Shared>()) {
  shared_->buffer_bytes = buffer_bytes;
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
  if (!buffer) buffer = std::make_unique<AlignedBuffer>(shared_->buffer_bytes);
  return {buffer.release(), [shared = shared_](AlignedBuffer* returned) {
            std::unique_ptr<AlignedBuffer> owned(returned);
            std::lock_guard lock(shared->mutex);
            shared->free.push_back(std::move(owned));
          }};
}

}  // namespace tapir
