#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tapir {

/// Ordinals of objects of one session; small while most are in a row. Add all, Seal, then ask.
class OrdinalSet {
 public:
  void Add(uint64_t ordinal) {
    if (!runs_.empty() && runs_.back().end == ordinal) {
      ++runs_.back().end;
    } else {
      runs_.push_back({ordinal, ordinal + 1});
    }
  }

  void Seal() {
    std::sort(runs_.begin(), runs_.end(),
              [](const Run& a, const Run& b) { return a.first < b.first; });
    size_t kept = 0;
    for (const Run& run : runs_) {
      if (kept > 0 && run.first <= runs_[kept - 1].end) {
        runs_[kept - 1].end = std::max(runs_[kept - 1].end, run.end);
      } else {
        runs_[kept++] = run;
      }
    }
    runs_.resize(kept);
  }

  uint64_t Count() const {
    uint64_t count = 0;
    for (const Run& run : runs_) count += run.end - run.first;
    return count;
  }
  bool Contains(uint64_t ordinal) const { return Intersects(ordinal, 1); }
  /// Whether one of first..first+count-1 is in it.
  bool Intersects(uint64_t first, uint64_t count) const {
    auto behind = std::partition_point(runs_.begin(), runs_.end(),
                                       [&](const Run& run) { return run.end <= first; });
    if (behind == runs_.end()) return false;
    return behind->first < first ? count > 0 : behind->first - first < count;
  }

 private:
  struct Run {
    uint64_t first;
    uint64_t end;
  };
  std::vector<Run> runs_;
};

}  // namespace tapir
