#include "device/file_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "device/transfer.h"

namespace tapir::internal {

namespace {
// Longer transfers gain nothing and hold back the ring's space.
constexpr size_t kMaxPieceBytes = 4u << 20;
}  // namespace

FileWriter::FileWriter(int direct, int buffered, uint64_t offset, size_t ring_bytes)
    : direct_(direct),
      buffered_(buffered),
      ring_(ring_bytes),
      written_offset_(offset),
      taken_offset_(offset),
      good_end_(offset),
      thread_([this] { Run(); }) {}

FileWriter::~FileWriter() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool FileWriter::Write(std::span<const std::byte> block) {
  std::span<std::byte> ring = ring_.span();
  while (!block.empty()) {
    uint64_t at = 0;
    size_t size = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(
          lock, [&] { return sys_errno_ != 0 || taken_offset_ - written_offset_ < ring.size(); });
      if (sys_errno_ != 0) return false;
      at = taken_offset_ % ring.size();
      size = std::min(
          {block.size(), ring.size() - (taken_offset_ - written_offset_), ring.size() - at});
    }
    // Free space of the ring is the caller's, so it is filled without the lock.
    std::memcpy(ring.data() + at, block.data(), size);
    block = block.subspan(size);
    {
      std::lock_guard lock(mutex_);
      taken_offset_ += size;
      if (block.empty()) block_ends_.push_back(taken_offset_);
    }
    changed_.notify_all();
  }
  return true;
}

bool FileWriter::Drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return sys_errno_ != 0 || written_offset_ == taken_offset_; });
  return sys_errno_ == 0;
}

FileWriter::Failure FileWriter::failure() const {
  std::lock_guard lock(mutex_);
  return {sys_errno_, good_end_, block_ends_.size()};
}

void FileWriter::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || written_offset_ != taken_offset_; });
    if (stop_ || sys_errno_ != 0) return;
    std::span<const std::byte> piece = NextPiece();
    uint64_t offset = written_offset_;
    lock.unlock();
    size_t written = 0;
    int error = WritePiece(piece, offset, written);
    lock.lock();
    Account(written, error);
    changed_.notify_all();
  }
}

std::span<const std::byte> FileWriter::NextPiece() const {
  std::span<const std::byte> ring = ring_.span();
  size_t at = written_offset_ % ring.size();
  size_t size = std::min<uint64_t>(taken_offset_ - written_offset_, ring.size() - at);
  return ring.subspan(at, std::min(size, kMaxPieceBytes));
}

int FileWriter::WritePiece(std::span<const std::byte> piece, uint64_t offset, size_t& written) {
  if (direct_ >= 0) {
    TransferResult result = WriteAt(direct_, piece, offset);
    written = result.size;
    if (result.error != EINVAL) return result.error;
    // Opened with O_DIRECT, yet this size or place does not suit the file system.
    direct_ = -1;
  }
  TransferResult result = WriteAt(buffered_, piece.subspan(written), offset + written);
  written += result.size;
  return result.error;
}

void FileWriter::Account(size_t written, int error) {
  written_offset_ += written;
  sys_errno_ = error;
  while (!block_ends_.empty() && block_ends_.front() <= written_offset_) {
    good_end_ = block_ends_.front();
    block_ends_.pop_front();
  }
}

}  // namespace tapir::internal
