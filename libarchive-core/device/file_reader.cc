#include "device/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace tapir::internal {

namespace {
// A look-up in an index or one restored file stays below this: reading ahead would only cost.
constexpr uint64_t kSequentialAfterBytes = 4u << 20;
// How long a decision between page cache and direct reading holds; parts of a file may differ.
constexpr uint64_t kDecisionBytes = 64u << 20;
constexpr int kProbes = 8;
constexpr int kProbesForCached = 7;
}  // namespace

FileReader::FileReader(int descriptor, bool direct_io, size_t read_ahead_bytes)
    : descriptor_(descriptor), read_ahead_bytes_(read_ahead_bytes), direct_io_(direct_io) {
  Reset();
}

void FileReader::Reset() {
  if (reads_directly_) read_ahead_->Stop();
  reads_directly_ = false;
  sequential_bytes_ = 0;
  next_decision_ = kSequentialAfterBytes;
}

TransferResult FileReader::Read(uint64_t offset, std::span<std::byte> buffer) {
  bool goes_on = offset == next_offset_;
  bool within_reach =
      reads_directly_ && offset > next_offset_ && offset - next_offset_ < read_ahead_bytes_;
  if (!goes_on && !within_reach) Reset();
  if (sequential_bytes_ >= next_decision_) Decide(offset);
  TransferResult result;
  if (reads_directly_) {
    result.size = read_ahead_->Take(offset, buffer);
    // The end of the file or a bad place: plain reading tells which.
    if (result.size == 0) Reset();
  }
  if (result.size == 0) result = ReadAt(descriptor_, buffer, offset);
  if (result.size > 0) result.error = 0;
  next_offset_ = offset + result.size;
  sequential_bytes_ += result.size;
  return result;
}

void FileReader::Decide(uint64_t offset) {
  next_decision_ = sequential_bytes_ + kDecisionBytes;
  bool direct = direct_io_ && !IsCached(offset) && OpenReadAhead();
  if (direct && !reads_directly_) read_ahead_->Start(offset);
  if (!direct) {
    if (reads_directly_) read_ahead_->Stop();
    posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  reads_directly_ = direct;
}

bool FileReader::IsCached(uint64_t offset) const {
  struct stat file = {};
  if (fstat(descriptor_, &file) != 0 || static_cast<uint64_t>(file.st_size) <= offset) return true;
  uint64_t range = std::min(static_cast<uint64_t>(file.st_size) - offset, kDecisionBytes);
  int cached = 0;
  for (int i = 0; i < kProbes; ++i) {
    std::byte probe{};
    iovec vector = {&probe, 1};
    auto place = static_cast<off_t>(offset + range / kProbes * static_cast<uint64_t>(i));
    // Other errors than "not in memory" say nothing about the cache; then it is as good a guess.
    if (preadv2(descriptor_, &vector, 1, place, RWF_NOWAIT) >= 0 || errno != EAGAIN) ++cached;
  }
  return cached >= kProbesForCached;
}

bool FileReader::OpenReadAhead() {
  if (read_ahead_) return true;
  direct_ = ReopenDirect(descriptor_, O_RDONLY);
  direct_io_ = static_cast<bool>(direct_);
  if (direct_io_) read_ahead_ = std::make_unique<ReadAhead>(direct_.get(), read_ahead_bytes_);
  return direct_io_;
}

}  // namespace tapir::internal
