#include "jobs/index_plan.h"

#include <algorithm>

namespace tapir {

void IndexPlan::Want(const Entry& entry) {
  Locator begin{{entry.block_object, entry.block_unit}, entry.chunk_offset};
  bool goes_on =
      !wanted_.empty() && wanted_.back().end == entry.ordinal && wanted_.back().begin == begin;
  if (goes_on) {
    ++wanted_.back().end;
  } else {
    wanted_.push_back({entry.ordinal, entry.ordinal + 1, begin});
  }
  if (entry.type == ObjectType::kHardLink) {
    first_link_.try_emplace(entry.link_ordinal, entry.path);
    ++names_[entry.link_ordinal];
    dependencies_.insert(entry.link_ordinal);
  } else if (entry.has_reference()) {
    targets_.insert(entry.link_ordinal);
    dependencies_.insert(entry.link_ordinal);
  }
}

void IndexPlan::Select(const Entry& entry) { Want(entry); }

bool IndexPlan::IsWanted(uint64_t ordinal) const {
  auto found = std::partition_point(wanted_.begin(), wanted_.end(),
                                    [&](const WantedRun& run) { return run.end <= ordinal; });
  return found != wanted_.end() && found->first <= ordinal;
}

void IndexPlan::Close() {
  std::sort(wanted_.begin(), wanted_.end(),
            [](const WantedRun& left, const WantedRun& right) { return left.first < right.first; });
  // What was offered in vain is not in the index: its dependants will tell.
  missing_.clear();
  for (uint64_t ordinal : dependencies_) {
    if (!IsWanted(ordinal) && !extra_.contains(ordinal)) missing_.insert(ordinal);
  }
  extra_.insert(missing_.begin(), missing_.end());
}

void IndexPlan::Offer(const Entry& entry) {
  if (missing_.contains(entry.ordinal)) Want(entry);
}

bool IndexPlan::IsSelected(uint64_t ordinal, const Metadata& /*metadata*/) {
  return IsWanted(ordinal) && !extra_.contains(ordinal);
}

std::optional<std::string> IndexPlan::PromotedPath(uint64_t ordinal) {
  auto found = first_link_.find(ordinal);
  bool promoted = found != first_link_.end() && extra_.contains(ordinal);
  return promoted ? std::optional(found->second) : std::nullopt;
}

std::optional<std::string> IndexPlan::HiddenPath(uint64_t ordinal) {
  if (!targets_.contains(ordinal)) return std::nullopt;
  return HiddenPathOf(std::to_string(ordinal));
}

Status IndexPlan::Remember(uint64_t ordinal, const std::string& path) {
  if (dependencies_.contains(ordinal)) restored_[ordinal] = path;
  return OkStatus();
}

Result<std::optional<std::string>> IndexPlan::RestoredPath(uint64_t ordinal) {
  auto found = restored_.find(ordinal);
  if (found == restored_.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

uint32_t IndexPlan::NamesOf(uint64_t ordinal, uint32_t /*link_count*/) {
  auto found = names_.find(ordinal);
  uint32_t further = found == names_.end() ? 0 : found->second;
  return further + (extra_.contains(ordinal) ? 0 : 1);
}

void IndexPlan::Settled(uint64_t ordinal) {
  if (IsWanted(ordinal)) settled_.Add(ordinal);
}

std::unordered_set<uint64_t> IndexPlan::TakeUnsettled() {
  settled_.Seal();
  std::unordered_set<uint64_t> unsettled;
  for (const WantedRun& run : wanted_) {
    for (uint64_t ordinal = run.first; ordinal < run.end; ++ordinal) {
      if (!settled_.Contains(ordinal)) unsettled.insert(ordinal);
    }
  }
  return unsettled;
}

}  // namespace tapir
