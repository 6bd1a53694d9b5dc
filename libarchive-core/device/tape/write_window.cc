#include "device/tape/write_window.h"

#include <algorithm>
#include <utility>

namespace tapir {
namespace {

uint64_t MemoryOf(const WriteWindow::Object& object) {
  return sizeof(object) + object.bytes.capacity();
}

}  // namespace

void WriteWindow::Restart(const DevicePosition& first) {
  objects_.clear();
  used_bytes_ = 0;
  first_ = first;
}

void WriteWindow::DropFirst() {
  Object& object = objects_.front();
  used_bytes_ -= MemoryOf(object);
  first_.object += 1;
  first_.offset_bytes += object.bytes.size();
  if (!object.mark) spare_ = std::move(object.bytes);
  objects_.pop_front();
}

void WriteWindow::Add(Object object) {
  used_bytes_ += MemoryOf(object);
  objects_.push_back(std::move(object));
  while (used_bytes_ > capacity_bytes_ && !objects_.empty()) DropFirst();
}

void WriteWindow::AddBlock(std::span<const std::byte> block) {
  Object object;
  // Much longer memory would hold little for what it takes.
  bool fits = spare_.capacity() >= block.size() && spare_.capacity() / 2 <= block.size();
  if (fits) object.bytes = std::exchange(spare_, {});
  object.bytes.assign(block.begin(), block.end());
  Add(std::move(object));
}

void WriteWindow::AddMark(bool immediate) { Add({.mark = true, .immediate = immediate}); }

void WriteWindow::CutAt(uint64_t end) {
  while (!objects_.empty() && this->end() > end) {
    used_bytes_ -= MemoryOf(objects_.back());
    objects_.pop_back();
  }
}

size_t WriteWindow::longest_block_bytes() const {
  size_t longest = 0;
  for (const Object& object : objects_) longest = std::max(longest, object.bytes.size());
  return longest;
}

}  // namespace tapir
