#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bytes/checksum.h"
#include "object/object_records.h"
#include "tapir/base/spool.h"
#include "tapir/base/status.h"

namespace tapir {

/// What was proven of stream 0 of each object of a session, by ordinal; spooled. Single-thread.
class DigestTable {
 public:
  DigestTable();

  /// Ordinals ascend; ones left out count as not proven. `proven` null: nothing is.
  Status Add(uint64_t ordinal, const StreamEnd* proven);
  /// What was proven of an object, if anything.
  Result<std::optional<StreamEnd>> Find(uint64_t ordinal);

 private:
  /// Rows of consecutive ordinals: a volume may leave out any number of them.
  struct Run {
    uint64_t first_ordinal;
    uint64_t first_row;
  };

  uint64_t rows_ = 0;
  std::vector<Run> runs_;
  Spool spool_;
};

}  // namespace tapir
