#include "device/tape/write_window.h"

#include <algorithm>

namespace tapir {
namespace {

// Marks take no room in the ring, and are not to be kept without end.
constexpr size_t kMostObjects = 1u << 20;

}  // namespace

void WriteWindow::Restart(const DevicePosition& first) {
  objects_.clear();
  head_ = 0;
  first_ = first;
}

size_t WriteWindow::PlaceOf(const Object& block) const {
  return static_cast<size_t>(block.bytes.data() - memory_->span().data());
}

bool WriteWindow::OldestBlockLiesIn(size_t begin, size_t end) const {
  auto oldest = std::ranges::find_if_not(objects_, &Object::mark);
  if (oldest == objects_.end()) return false;
  const size_t place = PlaceOf(*oldest);
  return place < end && begin < place + oldest->bytes.size();
}

void WriteWindow::DropFirst() {
  first_.object += 1;
  first_.offset_bytes += objects_.front().bytes.size();
  objects_.pop_front();
}

void WriteWindow::DropOldestBlock() {
  while (objects_.front().mark) DropFirst();
  DropFirst();
}

void WriteWindow::Add(const Object& object) {
  objects_.push_back(object);
  if (objects_.size() > kMostObjects) DropFirst();
}

void WriteWindow::AddBlock(std::span<const std::byte> block) {
  if (block.size() > capacity_bytes_) {
    first_.object = end() + 1;
    for (const Object& object : objects_) first_.offset_bytes += object.bytes.size();
    first_.offset_bytes += block.size();
    objects_.clear();
    return;
  }
  if (!memory_) memory_.emplace(capacity_bytes_);
  if (head_ + block.size() > capacity_bytes_) {
    // What lies behind the head is older than all at the beginning.
    while (OldestBlockLiesIn(head_, capacity_bytes_)) DropOldestBlock();
    head_ = 0;
  }
  while (OldestBlockLiesIn(head_, head_ + block.size())) DropOldestBlock();
  std::span<std::byte> place = memory_->span().subspan(head_, block.size());
  std::ranges::copy(block, place.begin());
  head_ += block.size();
  Add({.bytes = place});
}

void WriteWindow::AddMark(bool immediate) { Add({.mark = true, .immediate = immediate}); }

void WriteWindow::CutAt(uint64_t end) {
  while (!objects_.empty() && this->end() > end) {
    const Object& last = objects_.back();
    if (!last.mark) head_ = PlaceOf(last);
    objects_.pop_back();
  }
}

size_t WriteWindow::longest_block_bytes() const {
  size_t longest = 0;
  for (const Object& object : objects_) longest = std::max(longest, object.bytes.size());
  return longest;
}

}  // namespace tapir
