#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "jobs/ordinal_set.h"
#include "jobs/restore_sink.h"
#include "jobs/wanted_chunks.h"
#include "tapir/object/entry.h"

namespace tapir {

/// What is restored of one session, made from index entries before its data is read. Single-thread.
class IndexPlan : public RestorePlan {
 public:
  /// Entries come in order.
  void Select(const Entry& entry);

  /// Selected objects depend on others whose entries are still to be given.
  bool NeedsMore() const { return !missing_.empty(); }
  /// Offered every entry of the session, in order, while NeedsMore.
  void Offer(const Entry& entry);
  /// Ends one pass of offers, or the selection.
  void Close();

  const std::vector<WantedRun>& wanted() const { return wanted_; }
  /// Wanted ordinals that were never settled. Ends the plan's use.
  std::unordered_set<uint64_t> TakeUnsettled();

  Status SessionBegin(const ForwardSession&) override { return OkStatus(); }
  bool IsSelected(uint64_t ordinal, const Metadata& metadata) override;
  std::optional<std::string> PromotedPath(uint64_t ordinal) override;
  std::optional<std::string> HiddenPath(uint64_t ordinal) override;
  Status Remember(uint64_t ordinal, const std::string& path) override;
  Result<std::optional<std::string>> RestoredPath(uint64_t ordinal) override;
  uint32_t NamesOf(uint64_t ordinal, uint32_t link_count) override;
  void Settled(uint64_t ordinal) override;
  bool Replaces(const Metadata&) override { return false; }

 protected:
  bool IsWanted(uint64_t ordinal) const;

 private:
  void Want(const Entry& entry);

  std::vector<WantedRun> wanted_;
  OrdinalSet settled_;                                    ///< restored, or told why not
  std::unordered_set<uint64_t> dependencies_;             ///< targets and primaries, by ordinal
  std::unordered_map<uint64_t, std::string> first_link_;  ///< by primary: its first selected name
  std::unordered_map<uint64_t, uint32_t> names_;          ///< by primary: selected further names
  std::unordered_set<uint64_t> targets_;                  ///< of references
  std::unordered_set<uint64_t> extra_;                    ///< wanted and not selected
  std::unordered_set<uint64_t> missing_;
  std::unordered_map<uint64_t, std::string> restored_;
};

}  // namespace tapir
