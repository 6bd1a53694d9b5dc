#include "device/read_ahead.h"

#include <algorithm>
#include <cstring>

#include "device/transfer.h"

namespace tapir::internal {

namespace {
constexpr size_t kSlotBytes = 2u << 20;
constexpr size_t kMinSlots = 2;
// Satisfies O_DIRECT on any common disk.
constexpr uint64_t kAlignmentBytes = 4096;
}  // namespace

ReadAhead::ReadAhead(int direct, size_t memory_bytes)
    : direct_(direct), memory_(std::max(memory_bytes / kSlotBytes, kMinSlots) * kSlotBytes) {
  for (size_t at = 0; at < memory_.span().size(); at += kSlotBytes) {
    free_.push_back({.memory = memory_.span().subspan(at, kSlotBytes)});
  }
  thread_ = std::thread([this] { Run(); });
}

ReadAhead::~ReadAhead() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::Start(uint64_t offset) {
  {
    std::lock_guard lock(mutex_);
    Clear();
    next_offset_ = offset / kAlignmentBytes * kAlignmentBytes;
    reading_ = true;
  }
  changed_.notify_all();
}

void ReadAhead::Stop() {
  std::lock_guard lock(mutex_);
  Clear();
  reading_ = false;
}

void ReadAhead::Clear() {
  ++epoch_;
  for (Slot& slot : ready_) free_.push_back(slot);
  ready_.clear();
}

size_t ReadAhead::Take(uint64_t offset, std::span<std::byte> buffer) {
  size_t taken = 0;
  while (taken < buffer.size()) {
    Slot* slot = Await(offset + taken);
    if (slot == nullptr) break;
    // Slots are the caller's between Await and the next call, so the copy needs no lock.
    size_t skip = offset + taken - slot->offset;
    size_t size = std::min(buffer.size() - taken, slot->size - skip);
    std::memcpy(buffer.data() + taken, slot->memory.data() + skip, size);
    taken += size;
  }
  return taken;
}

ReadAhead::Slot* ReadAhead::Await(uint64_t offset) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !ready_.empty() || !reading_; });
    if (ready_.empty()) return nullptr;
    Slot& front = ready_.front();
    if (offset < front.offset) return nullptr;
    if (offset < front.offset + front.size) return &front;
    ReleaseFront(lock);
  }
}

void ReadAhead::ReleaseFront(std::unique_lock<std::mutex>& lock) {
  free_.push_back(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  lock.lock();
}

void ReadAhead::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || (reading_ && !free_.empty()); });
    if (stop_) return;
    Slot slot = free_.back();
    free_.pop_back();
    slot.offset = next_offset_;
    uint64_t epoch = epoch_;
    lock.unlock();
    TransferResult result = ReadAt(direct_, slot.memory, slot.offset);
    slot.size = result.size;
    lock.lock();
    if (epoch != epoch_ || slot.size == 0) {
      free_.push_back(slot);
    } else {
      ready_.push_back(slot);
    }
    if (epoch == epoch_) {
      next_offset_ = slot.offset + slot.size;
      reading_ = slot.size == slot.memory.size();
    }
    changed_.notify_all();
  }
}

}  // namespace tapir::internal
