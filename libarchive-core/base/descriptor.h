#pragma once

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace tapir {

/// Owns a file descriptor; -1 owns nothing.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  // What is only read loses nothing when close fails; who writes calls Close.
  ~Descriptor() { Close(); }

  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  /// Closes it and returns 0 or errno: some file systems tell only now that a write failed.
  int Close() {
    const int descriptor = std::exchange(descriptor_, -1);
    return descriptor >= 0 && ::close(descriptor) != 0 ? errno : 0;
  }

 private:
  int descriptor_ = -1;
};

/// Stays open as long as somebody uses it.
using SharedDescriptor = std::shared_ptr<const Descriptor>;

}  // namespace tapir
