#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "container/chunk_header.h"
#include "container/format.h"
#include "object/chunk_notes.h"
#include "tapir/base/buffer_pool.h"
#include "tapir/base/ordered_work.h"
#include "tapir/object/entry.h"

namespace tapir {

/// An index entry whose place on the volume is not known yet.
struct PendingEntry {
  Entry entry;
  /// The object began in an earlier chunk: the one that was last written with `opens_object`.
  bool begun_earlier = false;
};

/// A chunk ready to be laid into blocks; only its number and place are missing.
struct PackedChunk {
  Status status;  ///< compression failed
  ChunkHeader header;
  /// Payload: the string, which may also be stored as it is, else `raw`, else the data of
  /// `aligned`.
  std::string compressed;
  std::shared_ptr<AlignedBuffer> raw;
  std::shared_ptr<AlignedBuffer> aligned;
  /// Where the records begin: their offsets count from there.
  uint32_t records_begin = 0;
  /// Objects that end in this chunk, in order.
  std::vector<PendingEntry> entries;
  /// The last object that begins here ends in a later chunk.
  bool opens_object = false;
  ChunkNotes notes;  ///< completed by whoever takes the chunk
};

using PackedWork = OrderedWork<PackedChunk>;

/// Contents that are copied into a chunk later, by the job that ends it, and what they lie in.
struct LentContents {
  ByteSpan bytes;
  std::shared_ptr<const AlignedBuffer> memory;
};

/// Collects records until a chunk is full. Contents of WHOLE records gather in front of them, in
/// one CONTENTS record (format chapter 5.8). Single-thread; must outlive its jobs.
class ChunkBuilder {
 public:
  /// `target_bytes`: raw size up to which records are collected.
  explicit ChunkBuilder(size_t target_bytes);

  /// Whether a record with this payload, and contents, would fit with what is there.
  bool Fits(size_t payload_bytes, size_t contents_bytes) const;
  bool empty() const { return records_.empty(); }
  /// Number of the chunk being built: changes with each Finish.
  uint64_t serial() const { return serial_; }

  /// Adds a record of object `ordinal`, its payload in pieces, and what it adds to CONTENTS. The
  /// caller made sure it fits, or the chunk is empty. Returns its offset among the records.
  uint32_t Add(ItemType type, uint64_t ordinal, std::initializer_list<ByteSpan> payload,
               LentContents contents);
  void AddEntry(PendingEntry entry) { entries_.push_back(std::move(entry)); }

  /// Ends the chunk: a job that puts it together, checksums and compresses it (level 0: stores it).
  PackedWork::Job Finish(int zstd_level, bool opens_object, ChunkKind kind);

 private:
  size_t target_bytes_;
  BufferPool pool_;
  std::vector<LentContents> contents_;
  size_t contents_bytes_ = 0;
  std::string records_;
  uint64_t serial_ = 0;
  uint64_t first_object_ = 0;
  uint64_t last_object_ = 0;
  std::vector<PendingEntry> entries_;
};

}  // namespace tapir
