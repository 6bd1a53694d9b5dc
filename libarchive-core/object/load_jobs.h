#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "object/loader.h"
#include "tapir/base/buffer_pool.h"

namespace tapir {

/// What all jobs of the read stage share. Thread-safe.
class LoadContext {
 public:
  LoadContext(const SessionOptions& options, uint32_t aligned_data_bytes, size_t piece_bytes,
              size_t batch_bytes);

  const SessionOptions& options() const { return options_; }
  uint32_t aligned_data_bytes() const { return aligned_data_bytes_; }
  BufferPool& blocks() { return blocks_; }
  BufferPool& pieces() { return pieces_; }
  BufferPool& batches() { return batches_; }
  /// Memory that one piece job may hold, in bytes.
  size_t piece_cost_bytes() const;

 private:
  const SessionOptions& options_;
  uint32_t aligned_data_bytes_;
  BufferPool blocks_;   ///< one aligned block each
  BufferPool pieces_;   ///< one piece each
  BufferPool batches_;  ///< contents of one batch each
};

/// Opens, reads and digests small objects; failures stand in them.
LoadedBatch LoadBatch(LoadContext& context, std::vector<LoadedObject> objects);

/// Reads one small object on its own, contents into memory of its own.
void LoadObject(LoadContext& context, LoadedObject& object);

/// Reads, compares, and compresses a piece, or lays it out for aligned blocks.
void LoadPiece(LoadContext& context, LoadedPiece& piece);

/// Compresses the contiguous bytes of a piece, or splits them into parts for aligned blocks.
void LayOutPiece(LoadContext& context, LoadedPiece& piece);

}  // namespace tapir
