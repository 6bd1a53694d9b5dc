#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "container/chunk_reader.h"
#include "object/record_parser.h"
#include "tapir/base/buffer_pool.h"
#include "tapir/base/ordered_work.h"
#include "tapir/base/status.h"

namespace tapir {

/// A chunk expanded, checked and parsed; or another event of the chunk reader.
struct DecodedChunk {
  ChunkEvent::Kind kind = ChunkEvent::Kind::kEnd;
  std::vector<Damage> before;  ///< damage of blocks that stands before this event
  Damage damage;               ///< kDamage
  Chunk chunk;                 ///< kChunk: header and places; its pieces are gone
  Status failure;              ///< kChunk: it could not be expanded, or is wrong
  RawChunk raw;                ///< kChunk, without failure
  ParsedChunk parsed;          ///< records and policy chunks
};

/// Expands and parses chunks in parallel, hands them out in order. If it is told of blocks, it
/// checks their bodies too, along with the chunk that ends in them: the bytes are then looked at by
/// one thread only. Single-thread.
class DecodedReader {
 public:
  /// The next event of a ChunkReader, possibly after skipping.
  using NextChunk = std::function<Result<ChunkEvent>()>;

  struct Options {
    ParseOptions parse;
    /// Expand only chunks with labels, starts and ends, and aligned ones, whose bytes no checksum
    /// of a block covers; of the others the headers are enough.
    bool headers_only = false;
    /// With a pool: call NextChunk on a thread of its own, some chunks ahead. What it reads from is
    /// then not touched by others until this is destroyed.
    bool read_ahead = false;
    size_t window_jobs = 12;
    size_t window_bytes = size_t{24} << 20;
  };

  /// `pool` may be null (everything runs on the calling thread) and must outlive this.
  DecodedReader(NextChunk next_chunk, ThreadPool* pool, const Options& options);

  /// Up to and including the event kEnd, then nothing. A failure is the device's.
  Result<std::optional<DecodedChunk>> Next();

 private:
  struct ReadChunk {
    Result<ChunkEvent> event;
    std::vector<std::shared_ptr<const Block>> blocks;  ///< entered since the event before
  };

  ReadChunk Read();
  std::optional<OrderedWork<DecodedChunk>::Job> NextJob();

  NextChunk next_chunk_;
  Options options_;
  Status failure_;
  BufferPool buffers_;
  bool read_to_end_ = false;  ///< belongs to Read
  bool at_end_ = false;
  std::unique_ptr<ThreadPool> reading_thread_;
  OrderedWork<ReadChunk> read_;
  OrderedWork<DecodedChunk> work_;
};

}  // namespace tapir
