#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "container/block_writer.h"
#include "container/chunk_header.h"
#include "object/index_page.h"
#include "tapir/base/spool.h"
#include "tapir/base/status.h"

namespace tapir {

/// Where an index was written.
struct WrittenIndex {
  BlockPlace place;  ///< its first block
  Locator root;
  uint32_t root_level = 0;
  Digest128 root_digest{};
};

/// Gathers a session's entries, compresses leaf pages as they fill, spools them past a memory cap
/// and writes them with their inner pages as one section (format chapter 7). Single-thread.
class IndexWriter {
 public:
  /// `zstd_level` 0: pages are stored.
  IndexWriter(bool with_sha256, int zstd_level);

  /// Entries come in path order.
  Status Add(Entry entry);
  uint64_t entry_count() const { return entry_count_; }

  /// Writes the section; `next_sequence` numbers its chunks and is advanced.
  Result<WrittenIndex> Write(BlockWriter& blocks, uint64_t& next_sequence);

 private:
  struct SpooledPage {
    ChildPage child;
    ChunkHeader header;
    uint64_t spool_offset = 0;
  };

  Status FinishLeaf();
  Result<ChunkHeader> Compress(ChunkKind kind, const std::string& raw);
  Result<Locator> WriteChunk(BlockWriter& blocks, ChunkHeader header, ByteSpan stored,
                             uint64_t& next_sequence);
  Result<std::vector<ChildPage>> WriteLevel(BlockWriter& blocks, uint32_t level,
                                            const std::vector<ChildPage>& children,
                                            uint64_t& next_sequence);

  int zstd_level_;
  LeafBuilder leaf_;
  Spool spool_;
  std::vector<SpooledPage> pages_;
  std::string stored_;  ///< of the page compressed last
  uint64_t entry_count_ = 0;
};

}  // namespace tapir
