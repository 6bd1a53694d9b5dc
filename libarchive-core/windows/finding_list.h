#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// Findings of bytes that may have been made to cause very many: of each severity the first ones
/// are kept, so that a grave one is not lost among others.
class FindingList {
 public:
  void Add(Finding finding) {
    size_t& count = counts_[static_cast<size_t>(finding.severity)];
    if (count++ < kMostOfASeverity) findings_.push_back(std::move(finding));
  }
  std::vector<Finding> Take() { return std::exchange(findings_, {}); }

 private:
  static constexpr size_t kMostOfASeverity = 1000;

  std::vector<Finding> findings_;
  std::array<size_t, 4> counts_{};
};

}  // namespace tapir
