#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "jobs/restore_sink.h"
#include "object/matcher.h"
#include "tapir/base/spool.h"
#include "tapir/jobs/path_policy.h"

namespace tapir {

/// Restores what matches as it comes, session after session: later objects replace what this run
/// restored earlier under the same path. For volumes read without an index. Single-thread.
class StreamPlan : public RestorePlan {
 public:
  /// `only_session` 0: all.
  StreamPlan(const std::vector<std::string>& patterns, uint32_t only_session,
             std::optional<PathPolicy> policy = std::nullopt);

  Status SessionBegin(const ForwardSession& session) override;
  bool IsSelected(uint64_t ordinal, const Metadata& metadata) override;
  std::optional<std::string> PromotedPath(uint64_t) override { return std::nullopt; }
  std::optional<std::string> HiddenPath(uint64_t) override { return std::nullopt; }
  Status Remember(uint64_t ordinal, const std::string& path) override;
  Result<std::optional<std::string>> RestoredPath(uint64_t ordinal) override;
  uint32_t NamesOf(uint64_t, uint32_t link_count) override { return link_count; }
  void Settled(uint64_t) override {}
  bool Replaces(const Metadata& metadata) override;

  const Matcher& matcher() const { return matcher_; }
  /// Objects that the policy took.
  uint64_t left_out() const { return left_out_; }

 private:
  Matcher matcher_;
  uint32_t only_session_;
  std::optional<PathPolicy> policy_;
  uint64_t left_out_ = 0;
  bool session_selected_ = true;
  /// Offset and length of each restored path, by ordinal; length 0: not restored.
  std::optional<Spool> rows_;
  std::optional<Spool> paths_;
  uint64_t row_count_ = 0;
  std::unordered_set<uint64_t> path_hashes_;  ///< of everything this run restored
};

}  // namespace tapir
