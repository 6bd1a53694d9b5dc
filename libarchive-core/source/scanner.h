#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "source/look_ahead.h"
#include "source/scan.h"
#include "tapir/source/posix_source.h"

namespace tapir::source {

/// Yields in order what the look-ahead finds.
class Scanner final : public PosixSource {
 public:
  Scanner(std::unique_ptr<ScanRules> rules, Reporter& reporter, unsigned threads,
          LookAhead::Limits ahead);

  Result<std::optional<SourceItem>> Next() override;
  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity& identity) override;
  uint64_t left_out_count() const override { return rules_->left_out_count; }

 private:
  /// A directory on the way from the root to the current object.
  struct Level {
    std::vector<std::shared_ptr<Batch>> waiting;  ///< batches in order, those before `next` taken
    size_t next_batch = 0;
    std::shared_ptr<Batch> batch;  ///< the one that is consumed
    size_t next_entry = 0;
    size_t prefix_bytes = 0;  ///< of path_, in front of its names
  };

  bool TakeBatch(Level& level);
  void Enter(std::shared_ptr<Batch> first);
  SourceItem MakeItem(const Entry& entry) const;

  const std::unique_ptr<ScanRules> rules_;
  Reporter& reporter_;
  std::vector<Level> levels_;
  std::string path_;
  LookAhead look_ahead_;  ///< last: its threads use the rules
};

}  // namespace tapir::source
