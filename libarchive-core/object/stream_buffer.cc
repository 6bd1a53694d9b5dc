#include "object/stream_buffer.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tapir {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Index entries wait with their chunk; of the smallest files they are most of it.
uint64_t CostOf(const PackedChunk& chunk) {
  constexpr uint64_t kEntryBytes = 512;
  return chunk.header.stored_bytes + chunk.entries.size() * kEntryBytes;
}

WriteRuns::Marks MarksOf(const StreamBuffer::Options& options) {
  if (options.in_long_runs) return LongRuns(options.capacity_bytes);
  return {.high_bytes = 0, .full_bytes = options.capacity_bytes};
}

}  // namespace

StreamBuffer::StreamBuffer(const Options& options, Write write)
    : options_(options), write_(std::move(write)), runs_(MarksOf(options)) {
  report_.capacity_bytes = options.capacity_bytes;
  if (options_.threaded) thread_ = std::jthread([this] { Run(); });
}

StreamBuffer::~StreamBuffer() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
}

bool StreamBuffer::MayWrite() const {
  bool enough = runs_.MayWrite(bytes_) || finishing_;
  return closing_ || (enough && (!chunks_.empty() || finishing_));
}

void StreamBuffer::Account() {
  if (options_.progress != nullptr) options_.progress->buffered_bytes = bytes_;
  report_.most_bytes = std::max(report_.most_bytes, bytes_);
}

Status StreamBuffer::Push(PackedChunk chunk) {
  if (!options_.threaded) return failure_.ok() ? failure_ = write_(std::move(chunk)) : failure_;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return runs_.HasRoom(bytes_) || !failure_.ok(); });
  if (!failure_.ok()) return failure_;
  bytes_ += CostOf(chunk);
  chunks_.push_back(std::move(chunk));
  Account();
  changed_.notify_all();
  return OkStatus();
}

Status StreamBuffer::Finish() {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return chunks_.empty() || !failure_.ok() || !options_.threaded; });
  lock.unlock();
  if (thread_.joinable()) thread_.join();
  return failure_;
}

void StreamBuffer::Run() {
  bool written_before = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    const Clock::time_point begin = Clock::now();
    const bool pauses = runs_.filling() && written_before;
    changed_.wait(lock, [this] { return MayWrite(); });
    if (closing_ || chunks_.empty()) return;
    if (pauses) {
      report_.pauses += 1;
      report_.pause_s += SecondsSince(begin);
    }
    runs_.Begin();
    PackedChunk chunk = std::move(chunks_.front());
    chunks_.pop_front();
    const uint64_t bytes = CostOf(chunk);
    lock.unlock();
    Status written = write_(std::move(chunk));
    lock.lock();
    written_before = true;
    bytes_ -= bytes;
    Account();
    runs_.Written(bytes_);
    if (!written.ok()) {
      failure_ = std::move(written);
      chunks_.clear();
    }
    changed_.notify_all();
    if (!failure_.ok()) return;
  }
}

}  // namespace tapir
