#pragma once

#include <cstdint>
#include <functional>

#include "container/chunk_reader.h"
#include "container/session_records.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir {

/// Reads the contents of single objects from a device that can locate. Single-thread.
class ContentReader {
 public:
  /// `device` must outlive this; each Read moves it.
  ContentReader(BlockDevice& device, const Label& label);

  using Take = std::function<Status(uint64_t offset_bytes, ByteSpan data)>;

  /// Hands out the data of stream 0 that the object holds itself, in order; a reference is not
  /// followed. kCorrupt if it cannot be read to its end.
  Status Read(const Entry& entry, const Take& take);

 private:
  Result<bool> TakeChunk(const Chunk& chunk, uint64_t ordinal, const Take& take);

  ChunkReader chunks_;
  Decompressor decompressor_;
};

}  // namespace tapir
