#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "jobs/index_plan.h"

namespace tapir {

/// Restores common-store files of one session to where links are made of their contents, under no
/// name of their own. Single-thread.
class StoreContentsPlan : public IndexPlan {
 public:
  /// `place` tells the plans of one restore apart.
  explicit StoreContentsPlan(size_t place) : place_(place) {}

  void SelectContents(const Entry& entry, std::string hidden_path) {
    Select(entry);
    hidden_paths_.emplace(entry.ordinal, std::move(hidden_path));
  }

  bool IsSelected(uint64_t, const Metadata&) override { return false; }
  std::optional<std::string> PromotedPath(uint64_t) override { return std::nullopt; }
  /// Of a store file, or of another object that has its contents.
  std::optional<std::string> HiddenPath(uint64_t ordinal) override {
    const auto found = hidden_paths_.find(ordinal);
    if (found != hidden_paths_.end()) return found->second;
    const std::optional<std::string> path = IndexPlan::HiddenPath(ordinal);
    return path ? std::optional(*path + "-of-" + std::to_string(place_)) : std::nullopt;
  }
  bool KeepsHidden() const override { return true; }

 private:
  size_t place_;
  std::unordered_map<uint64_t, std::string> hidden_paths_;
};

}  // namespace tapir
