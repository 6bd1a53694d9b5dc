#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tapir::target {

/// Maps path hashes to small numbers in about 20 bytes each: open addressing, so that a tree of
/// millions of files is remembered in little memory. Not thread-safe.
class PathTable {
 public:
  PathTable() : hashes_(kFirstSlots), values_(kFirstSlots) {}

  /// `hash` is not 0. Replaces the value if there is one.
  void Set(uint64_t hash, uint32_t value) {
    if ((count_ + 1) * 10 > hashes_.size() * 7) Grow();
    const size_t slot = SlotOf(hash);
    if (hashes_[slot] == 0) ++count_;
    hashes_[slot] = hash;
    values_[slot] = value;
  }

  std::optional<uint32_t> Find(uint64_t hash) const {
    const size_t slot = SlotOf(hash);
    if (hashes_[slot] == 0) return std::nullopt;
    return values_[slot];
  }

  void Erase(uint64_t hash) {
    size_t hole = SlotOf(hash);
    if (hashes_[hole] == 0) return;
    --count_;
    // Later ones of the same run move up, so that no search stops early at the hole.
    for (size_t slot = Next(hole); hashes_[slot] != 0; slot = Next(slot)) {
      const size_t distance = (slot - Home(hashes_[slot])) & Mask();
      if (distance < ((slot - hole) & Mask())) continue;
      hashes_[hole] = hashes_[slot];
      values_[hole] = values_[slot];
      hole = slot;
    }
    hashes_[hole] = 0;
  }

  size_t count() const { return count_; }

 private:
  static constexpr size_t kFirstSlots = 1024;

  size_t Mask() const { return hashes_.size() - 1; }
  size_t Next(size_t slot) const { return (slot + 1) & Mask(); }
  // Names that count up have hashes that do; the product spreads them.
  size_t Home(uint64_t hash) const { return ((hash * 0x9E3779B97F4A7C15) >> 20) & Mask(); }

  size_t SlotOf(uint64_t hash) const {
    size_t slot = Home(hash);
    while (hashes_[slot] != 0 && hashes_[slot] != hash) slot = Next(slot);
    return slot;
  }

  void Grow() {
    std::vector<uint64_t> hashes(hashes_.size() * 2);
    std::vector<uint32_t> values(hashes.size());
    hashes.swap(hashes_);
    values.swap(values_);
    count_ = 0;
    for (size_t slot = 0; slot < hashes.size(); ++slot) {
      if (hashes[slot] != 0) Set(hashes[slot], values[slot]);
    }
  }

  std::vector<uint64_t> hashes_;  // 0: empty
  std::vector<uint32_t> values_;
  size_t count_ = 0;
};

}  // namespace tapir::target
