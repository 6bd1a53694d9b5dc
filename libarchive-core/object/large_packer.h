#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "object/chunk_queue.h"
#include "object/content_digester.h"
#include "object/equal_finder.h"
#include "object/loader.h"
#include "object/pack_report.h"

namespace tapir {

/// Packs one object that comes in pieces: its records, data chunks, digests, and what of it is
/// equal to an earlier file (format chapter 5.6). Single-thread.
class LargePacker {
 public:
  /// The ordinal of an earlier item that holds its bytes itself, whole and as they were.
  using OrdinalOf = std::function<std::optional<uint64_t>(uint64_t item_index)>;

  struct Tools {
    Loader& loader;
    ChunkQueue& queue;
    EqualFinder& equal;
    PackReport& report;
    const SessionOptions& options;
    OrdinalOf ordinal_of;
  };

  LargePacker(const Tools& tools, std::shared_ptr<LargeObject> object, uint64_t ordinal);

  /// Pieces come in order; the last one ends the object.
  Status Take(LoadedPiece piece);

  const LargeObject& object() const { return *object_; }
  uint64_t ordinal() const { return begin_.ordinal; }
  /// After the last piece: all bytes are stored here, as they were.
  bool holds_its_bytes() const {
    return end_.status == ObjectStatus::kOk && !reference_ && object_->is_solid() &&
           !object_->resumed;
  }

 private:
  Status TakeBytes(LoadedPiece& piece);
  Status EndEqualPrefix();
  Status StorePrefix();
  void Store(LoadedPiece& piece);
  void StoreParts(LoadedPiece& piece);
  void AddReference(uint64_t target_ordinal, uint64_t length);
  Status SettleHeld();
  bool MayBeCut() const {
    return tools_.options.may_continue && !hold_ && !object_->item.further_streams;
  }
  void MarkCut();
  void Digest(const LoadedPiece& piece);
  StreamEnd EndStream(ContentDigester& digester, const SourceStream& stream) const;
  void EndStreamsBefore(uint64_t number);
  Status End();

  Tools tools_;
  std::shared_ptr<LargeObject> object_;
  ObjectBegin begin_;
  std::string begin_payload_;
  ObjectEnd end_;
  size_t ended_streams_ = 0;
  ContentDigester digester_;              ///< of the stream behind these
  uint64_t begin_bytes_ = 0;              ///< of the file that are on earlier volumes
  std::optional<ContentDigester> whole_;  ///< of all of it, if there are such
  std::optional<Reference> reference_;
  bool stopped_ = false;       ///< the file ended early or failed: the rest is not taken
  bool prefix_equal_ = false;  ///< all pieces so far equal the file compared with
  bool hold_ = false;          ///< pieces wait until the digest tells whether they are needed
  std::vector<LoadedPiece> held_;
};

}  // namespace tapir
