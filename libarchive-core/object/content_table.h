#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/checksum.h"
#include "tapir/base/spool.h"
#include "tapir/base/status.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// A content stored earlier in the session: where, and which file it was read from.
struct StoredContent {
  uint64_t ordinal = 0;
  uint64_t size = 0;
  StreamDigester::Digests digests;
  SourceIdentity identity;
  std::string path;
};

/// Finds contents of the same size and XXH3-128. Twelve bytes of memory a slot, the rest is
/// spooled. What it finds is a candidate, not proof. Single-thread.
class ContentTable {
 public:
  ContentTable();

  Result<std::optional<StoredContent>> Find(uint64_t size, const Digest128& digest);
  Status Add(const StoredContent& content);

 private:
  size_t SlotOf(uint64_t tag) const;
  void Grow();
  Result<StoredContent> ReadRow(uint32_t row);

  std::vector<uint64_t> tags_;
  std::vector<uint32_t> rows_;  ///< 0: free, else row number + 1
  uint32_t row_count_ = 0;
  Spool row_spool_;
  Spool path_spool_;
};

}  // namespace tapir
