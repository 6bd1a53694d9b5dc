#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace tapir {

/// A piece of memory whose address is a multiple of 4,096, for direct I/O. Move-only; contents are
/// indeterminate when it is made.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size_bytes);
  /// A part of larger memory, which is kept as long as this.
  AlignedBuffer(std::shared_ptr<void> owner, std::span<std::byte> part);

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }
  std::span<std::byte> span() { return {data_.get(), size_}; }
  std::span<const std::byte> span() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* data) const;
    std::shared_ptr<void> owner;  ///< null: the buffer's own memory
  };
  std::unique_ptr<std::byte[], Free> data_;
  size_t size_ = 0;
};

/// Lends buffers of one size and takes them back, so that memory is not mapped anew each time.
/// Large ones are cut from huge pages, which cost a hundredth of the page faults. Thread-safe.
/// Buffers may outlive the pool.
class BufferPool {
 public:
  explicit BufferPool(size_t buffer_bytes);

  size_t buffer_bytes() const { return shared_->buffer_bytes; }
  /// A buffer that goes back to the pool when the last owner lets it go.
  std::shared_ptr<AlignedBuffer> Take();

 private:
  struct Shared {
    std::unique_ptr<AlignedBuffer> Make();

    size_t buffer_bytes;
    std::mutex mutex;
    std::vector<std::unique_ptr<AlignedBuffer>> free;
    std::shared_ptr<void> slab;      ///< from which buffers are cut
    std::span<std::byte> slab_rest;  ///< of it
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace tapir
