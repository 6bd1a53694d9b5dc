#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "container/block_writer.h"
#include "container/chunk_header.h"
#include "object/index_page.h"
#include "object/index_pages.h"
#include "tapir/base/spool.h"
#include "tapir/base/status.h"

namespace tapir {

/// Gathers a session's entries, compresses leaf pages as they fill and spools them past a memory
/// cap (format chapter 7). Single-thread.
class IndexWriter {
 public:
  /// `zstd_level` 0: pages are stored.
  IndexWriter(bool with_sha256, int zstd_level);

  /// Entries come in path order.
  Status Add(Entry entry);
  uint64_t entry_count() const { return entry_count_; }

  /// All leaves, to be written with WriteIndex. Ends the writer's use.
  Result<StoredLeaves> Finish();

 private:
  Status FinishLeaf();

  int zstd_level_;
  LeafBuilder leaf_;
  StoredLeaves stored_;
  uint64_t entry_count_ = 0;
};

/// Where an index was written.
struct WrittenIndex {
  Locator root;
  uint32_t root_level = 0;
  Digest128 root_digest{};
};

/// Whether an index belongs to the session it is written in, or to an earlier one (chapter 7.3).
enum class IndexForm { kOwn, kCopy };

/// Writes leaves and the inner pages above them; `next_sequence` numbers their chunks and is
/// advanced.
Result<WrittenIndex> WriteIndex(BlockWriter& blocks, const StoredLeaves& leaves, IndexForm form,
                                int zstd_level, uint64_t& next_sequence);

}  // namespace tapir
