#include "target/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "target/object_handle.h"

namespace tapir::target {

namespace {

constexpr size_t kLeastDirectBytes = 1u << 20;
constexpr size_t kGridBytes = 4096;  // of offsets and lengths: pages, and any disk's sectors
constexpr size_t kMemoryGridBytes = 512;

// Less than `data` if the system refuses to go on; errno says why.
size_t WriteWhatGoes(int fd, uint64_t offset_bytes, std::span<const std::byte> data) {
  size_t done = 0;
  while (done < data.size()) {
    const ssize_t written = ::pwrite(fd, data.data() + done, data.size() - done,
                                     static_cast<off_t>(offset_bytes + done));
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;  // POSIX leaves open what else it could mean
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  return done;
}

}  // namespace

int FileWriter::WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) {
  if (data.size() < kLeastDirectBytes || direct_ == Direct::kCannot) {
    return WriteBuffered(offset_bytes, data);
  }
  // Whole pages go directly, so that no page is written both ways; the ends do not.
  const size_t head_bytes = (kGridBytes - offset_bytes % kGridBytes) % kGridBytes;
  if (const int error = WriteBuffered(offset_bytes, data.first(head_bytes)); error != 0) {
    return error;
  }
  const size_t whole_bytes = (data.size() - head_bytes) / kGridBytes * kGridBytes;
  const size_t done =
      head_bytes + WriteDirect(offset_bytes + head_bytes, data.subspan(head_bytes, whole_bytes));
  return WriteBuffered(offset_bytes + done, data.subspan(done));
}

int FileWriter::WriteBuffered(uint64_t offset_bytes, std::span<const std::byte> data) {
  return WriteWhatGoes(fd_, offset_bytes, data) == data.size() ? 0 : errno;
}

// Bytes written; the rest is left to the page cache, which also finds out what is wrong.
size_t FileWriter::WriteDirect(uint64_t offset_bytes, std::span<const std::byte> data) {
  if (direct_ == Direct::kUntried) {
    direct_fd_ = Descriptor(::open(ProcPath(fd_).c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC));
    direct_ = direct_fd_ ? Direct::kWorks : Direct::kCannot;
  }
  if (direct_ == Direct::kCannot) return 0;
  const bool is_aligned = reinterpret_cast<uintptr_t>(data.data()) % kMemoryGridBytes == 0;
  const std::shared_ptr<AlignedBuffer> copy = is_aligned ? nullptr : pool_.Take();
  size_t done = 0;
  while (done < data.size()) {
    std::span<const std::byte> piece = data.subspan(done);
    if (copy) {
      piece = piece.first(std::min(piece.size(), copy->size()));
      std::memcpy(copy->data(), piece.data(), piece.size());
      piece = copy->span().first(piece.size());
    }
    const size_t written = WriteWhatGoes(direct_fd_.get(), offset_bytes + done, piece);
    done += written;
    if (written < piece.size()) {
      direct_ = Direct::kCannot;
      break;
    }
  }
  // A short write may end between pages.
  return done / kGridBytes * kGridBytes;
}

}  // namespace tapir::target
