#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "object/chunk_queue.h"
#include "object/equal_finder.h"
#include "object/large_packer.h"
#include "object/loader.h"
#include "object/pack_report.h"

namespace tapir {

/// The ordered stage: takes what was loaded, in order, decides what is stored and how, and packs it
/// into chunks. All knowledge of order and of equal contents is here (promises P11, P14).
/// Single-thread.
class Packer {
 public:
  /// References must outlive this.
  /// `chunk_bytes`: raw size up to which small objects share a chunk.
  Packer(Loader& loader, Loader::Work& loaded, ObjectSource& source, const SessionOptions& options,
         size_t chunk_bytes);

  /// The next chunk to compress; nothing at the end or after a failure.
  std::optional<PackedWork::Job> NextJob();
  const Status& status() const { return status_; }
  /// What belongs to the chunk taken next, in their order.
  ChunkNotes TakeNotes() { return queue_.TakeNotes(); }
  /// What came behind the last chunk.
  PackNews TakeLastNews() { return report_.Take(); }

 private:
  Status TakeBatch(LoadedBatch batch);
  Status TakePiece(LoadedPiece piece);
  Status TakeObject(LoadedObject& object);
  bool ResolvePrimary(LoadedObject& object);
  void PackExcluded(const ObjectBegin& begin);
  Status PackSmall(LoadedObject object);
  void PackRecords(const ObjectBegin& begin, const ObjectEnd& end, LentContents contents,
                   const Reference* reference);
  void LimitAttributes(Metadata& metadata);

  Loader& loader_;
  Loader::Work& loaded_;
  const SessionOptions& options_;
  Status status_;
  bool finished_ = false;
  uint64_t next_ordinal_ = 0;
  PackReport report_;
  ChunkQueue queue_;
  EqualFinder equal_;
  std::optional<LargePacker> large_;

  /// First names of files with several, by item index, until all names have come.
  struct LinkedFile {
    uint64_t ordinal;
    std::string path;
    uint32_t names_left;
  };
  std::unordered_map<uint64_t, LinkedFile> linked_;
  /// Ordinals of large files that hold their bytes, by item index.
  std::unordered_map<uint64_t, uint64_t> large_ordinals_;
};

}  // namespace tapir
