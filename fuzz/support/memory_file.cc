#include "fuzz/support/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/support/require.h"

namespace tapir::fuzz {

MemoryFile::MemoryFile() : descriptor_(memfd_create("tapir-fuzz", MFD_CLOEXEC)) {
  Require(descriptor_ >= 0, "memfd_create");
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
}

MemoryFile::~MemoryFile() { ::close(descriptor_); }

void MemoryFile::Set(std::span<const uint8_t> bytes) {
  Require(::ftruncate(descriptor_, 0) == 0, "ftruncate");
  while (!bytes.empty()) {
    off_t end = ::lseek(descriptor_, 0, SEEK_END);
    ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), end);
    Require(written > 0, "pwrite");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

}  // namespace tapir::fuzz
