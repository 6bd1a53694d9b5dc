#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "bytes/checksum.h"
#include "tapir/base/buffer_pool.h"
#include "tapir/base/ordered_work.h"
#include "tapir/base/status.h"
#include "tapir/object/object_source.h"
#include "tapir/object/session_options.h"

namespace tapir {

struct CutPoint;

/// Regular files up to this size travel in one WHOLE record.
inline constexpr uint64_t kInlineBytes = 512u << 10;
/// Larger files are compared with an earlier one of the same size while they are read.
inline constexpr uint64_t kCompareBytes = 16u << 20;

/// A small object with its contents, or one of which only metadata counts.
struct LoadedObject {
  SourceItem item;
  uint64_t item_index = 0;  ///< in the order of the source
  Metadata metadata;
  Status failure;  ///< it could not be opened
  ObjectStatus status = ObjectStatus::kOk;
  std::vector<std::string> warnings;
  ByteSpan contents;
  std::shared_ptr<AlignedBuffer> memory;  ///< what the contents lie in
  StreamDigester::Digests digests;
  /// It is another name of this earlier item: nothing was read.
  std::optional<uint64_t> primary_index;
};

struct LoadedBatch {
  std::vector<LoadedObject> objects;
};

/// An earlier file of the same size, compared with while reading.
struct CompareWith {
  uint64_t item_index = 0;
  std::string path;
  SourceIdentity identity;
  std::shared_ptr<SourceObject> object;  ///< read by any thread
};

struct LargeStream {
  SourceStream stream;
  std::vector<Extent> extents;
  bool has_holes = false;
};

/// An object that is read in pieces. Opened in order; the pieces are read by any thread.
struct LargeObject {
  SourceItem item;
  uint64_t item_index = 0;
  Metadata metadata;
  std::vector<std::string> warnings;
  std::vector<LargeStream> streams;  ///< ascending by number
  std::optional<CompareWith> compare;
  /// Its beginning is on the volume before.
  std::shared_ptr<const CutPoint> resumed;

  /// It has stream 0 alone, without holes: it may be equal to another one.
  bool is_solid() const { return !item.further_streams && !streams.front().has_holes; }
};

/// Part of a piece that can become an ALIGNED block as it is.
struct AlignedPart {
  std::shared_ptr<AlignedBuffer> block;  ///< data at kAlignedDataOffset
  uint32_t data_bytes = 0;
  uint64_t checksum = 0;  ///< XXH3-64 of the data
};

struct LoadedPiece {
  std::shared_ptr<LargeObject> object;
  SourceStream stream;
  uint64_t offset_bytes = 0;
  size_t wanted_bytes = 0;
  bool last = false;
  Status failure;
  bool compare = false;  ///< wanted: a comparison with the object's candidate
  bool equal = false;    ///< to the same range of the candidate; then it is not laid out yet
  /// The bytes: contiguous, or in parts. Fewer than wanted at the end of a file that shrank.
  size_t bytes = 0;
  std::shared_ptr<AlignedBuffer> contiguous;
  std::vector<AlignedPart> parts;
  /// The contiguous bytes as a zstd frame, if that is worthwhile, and their checksum.
  std::string compressed;
  uint64_t checksum = 0;
};

using LoadedUnit = std::variant<LoadedBatch, LoadedPiece>;

/// The read stage: turns a source into jobs that open, read and digest, in path order.
/// NextJob is called from one thread; the jobs it returns run anywhere.
class Loader {
 public:
  using Work = OrderedWork<LoadedUnit>;

  /// `aligned_data_bytes`: data in one aligned block. All references must outlive this and the
  /// jobs.
  /// `resumed`: a file whose rest is wanted, if it comes; may be null.
  Loader(ObjectSource& source, const SessionOptions& options, uint32_t aligned_data_bytes,
         std::shared_ptr<const CutPoint> resumed = nullptr);
  ~Loader();

  std::optional<Work::Job> NextJob();
  /// Why NextJob returned nothing: OK at the end, or the source's failure.
  const Status& status() const { return status_; }
  /// It stopped because the caller asked for it.
  bool interrupted() const { return interrupted_; }

  /// Loads an object that was taken for a further name of a file and is not, on the caller's
  /// thread: it is rare, and everything behind it waits for it.
  void LoadNow(LoadedObject& object);
  /// Reads a range of a large object again, on this thread.
  /// `object` has stream 0 alone.
  LoadedPiece ReadAgain(const std::shared_ptr<LargeObject>& object, uint64_t offset_bytes,
                        uint64_t length_bytes);
  /// Whether the file compared with is still the one that was stored. It is opened anew for that:
  /// other threads may be reading the one that is open.
  bool IsUnchanged(const CompareWith& candidate);
  /// Compresses a piece or splits it for aligned blocks, if that was left out since it was equal.
  void LayOut(LoadedPiece& piece);

 private:
  struct Batch;
  struct Shared;  // what the jobs share
  struct PrimaryName {
    uint64_t item_index;
    uint32_t names_left;
  };

  void TakeHardLink(LoadedObject& object);
  void AddToBatch(LoadedObject object);
  std::optional<Work::Job> FlushBatch();
  void BeginLarge(LoadedObject object);
  std::optional<Work::Job> NextPiece();
  void FindComparable(LargeObject& large);
  void Resume(LargeObject& large) const;
  static void ListStreams(LargeObject& large);
  bool Cancelled();

  ObjectSource& source_;
  const SessionOptions& options_;
  size_t piece_bytes_;
  std::shared_ptr<Shared> shared_;
  Status status_;
  bool finished_ = false;
  bool interrupted_ = false;
  uint64_t next_item_index_ = 0;

  std::unique_ptr<Batch> batch_;
  std::optional<LoadedObject> held_;  ///< the large object behind the batch
  std::shared_ptr<LargeObject> large_;
  std::shared_ptr<const CutPoint> resumed_;
  size_t next_stream_ = 0;
  size_t next_extent_ = 0;
  uint64_t extent_offset_ = 0;

  std::map<std::pair<uint64_t, uint64_t>, PrimaryName> primaries_;  ///< by device, inode
  /// First file of each size over kCompareBytes.
  struct SizeCandidate {
    uint64_t item_index;
    std::string path;
    SourceIdentity identity;
  };
  std::unordered_map<uint64_t, SizeCandidate> by_size_;
};

}  // namespace tapir
