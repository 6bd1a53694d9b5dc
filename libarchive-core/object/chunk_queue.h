#pragma once

#include <deque>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

#include "object/chunk_builder.h"
#include "object/loader.h"

namespace tapir {

/// Chunks on their way to compression, in the order in which they will stand on the volume.
/// Single-thread.
class ChunkQueue {
 public:
  /// `chunk_bytes`: raw size up to which small objects share a chunk.
  /// `report`, of what is packed, must outlive this.
  ChunkQueue(int zstd_level, size_t chunk_bytes, PackReport& report)
      : zstd_level_(zstd_level), records_(chunk_bytes), report_(report) {}

  /// Adds a record, in a new chunk if it does not fit. Returns its offset among the
  /// chunk's records.
  uint32_t AddRecord(ItemType type, uint64_t ordinal, std::initializer_list<ByteSpan> payload,
                     LentContents contents = {});
  /// Adds the index entry of an object whose only record was added last.
  void AddEntry(Entry entry);

  /// Between these two, records and data of one object are added.
  void OpenObject(uint64_t ordinal, ByteSpan begin_payload);
  void CloseObject(Entry entry, ByteSpan end_payload);

  /// Adds a piece of the open object's contents as chunks of their own.
  void AddData(uint64_t ordinal, LoadedPiece& piece);

  /// Ends the chunk of records that is being filled.
  void Flush(ChunkKind kind = ChunkKind::kRecords);
  std::optional<PackedWork::Job> Pop();
  /// What belongs to the chunks popped, in their order.
  ChunkNotes TakeNotes();
  /// The chunk added last is one behind which the open object may be cut.
  void MarkCut(std::shared_ptr<const CutPoint> cut) { notes_.back().cut = std::move(cut); }
  /// Where the open object's OBJECT_BEGIN stands among the records of its chunk.
  uint32_t open_offset() const { return open_offset_; }
  bool empty() const { return ready_.empty(); }

 private:
  void Push(PackedChunk chunk, size_t cost_bytes);
  void PushJob(PackedWork::Job job);

  int zstd_level_;
  ChunkBuilder records_;
  PackReport& report_;
  std::deque<ChunkNotes> notes_;
  std::deque<PackedWork::Job> ready_;
  std::optional<uint64_t> open_serial_;  ///< of the chunk in which the open object began
  uint32_t open_offset_ = 0;
};

/// Adds a record that the format carries without reading it (chapter 5.10).
void AddOpaqueRecord(ChunkQueue& queue, uint64_t ordinal, const OpaqueRecord& record);

}  // namespace tapir
