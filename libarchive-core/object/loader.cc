#include "object/loader.h"

#include <algorithm>
#include <utility>

#include "object/cut_point.h"
#include "object/load_jobs.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

constexpr size_t kBatchObjects = 64;
constexpr size_t kBatchBytes = 1u << 20;
constexpr size_t kPieceTargetBytes = 4u << 20;

}  // namespace

struct Loader::Batch {
  std::vector<LoadedObject> objects;
  size_t bytes = 0;
};

struct Loader::Shared : LoadContext {
  using LoadContext::LoadContext;
};

Loader::Loader(ObjectSource& source, const SessionOptions& options, uint32_t aligned_data_bytes,
               std::shared_ptr<const CutPoint> resumed)
    : source_(source),
      options_(options),
      piece_bytes_(std::max<size_t>(kPieceTargetBytes / aligned_data_bytes, 1) *
                   aligned_data_bytes),
      shared_(std::make_shared<Shared>(options, aligned_data_bytes, piece_bytes_, kBatchBytes)),
      batch_(std::make_unique<Batch>()),
      resumed_(std::move(resumed)) {}

Loader::~Loader() = default;

bool Loader::Cancelled() {
  interrupted_ |= options_.cancelled != nullptr && options_.cancelled->load();
  return interrupted_;
}

std::optional<Loader::Work::Job> Loader::NextJob() {
  for (;;) {
    if (large_) return NextPiece();
    if (held_) {
      if (!batch_->objects.empty()) return FlushBatch();
      BeginLarge(*std::exchange(held_, std::nullopt));
      continue;
    }
    if (batch_->objects.size() >= kBatchObjects || batch_->bytes >= kBatchBytes - kInlineBytes) {
      return FlushBatch();
    }
    if (finished_ || Cancelled()) return FlushBatch();
    Result<std::optional<SourceItem>> item = source_.Next();
    if (!item.ok() || !*item) {
      status_ = item.status();
      finished_ = true;
      continue;
    }
    LoadedObject object;
    object.item = *std::move(*item);
    object.item_index = next_item_index_++;
    object.failure = CheckPath(object.item.path);
    if (!object.failure.ok()) {
      AddToBatch(std::move(object));
      continue;
    }
    TakeHardLink(object);
    bool large_file = object.item.type == ObjectType::kRegular &&
                      (object.item.identity.size > kInlineBytes || object.item.may_have_holes);
    bool large = !object.primary_index && (large_file || object.item.further_streams);
    if (large) {
      held_ = std::move(object);
    } else {
      AddToBatch(std::move(object));
    }
  }
}

// Recognises a further name of a file that was met before (format chapter 5.11).
void Loader::TakeHardLink(LoadedObject& object) {
  const SourceItem& item = object.item;
  if (item.link_count < 2 || item.type == ObjectType::kDirectory) return;
  std::pair key(item.identity.device, item.identity.inode);
  auto found = primaries_.find(key);
  if (found == primaries_.end()) {
    primaries_[key] = {object.item_index, item.link_count - 1};
    return;
  }
  object.primary_index = found->second.item_index;
  if (--found->second.names_left == 0) primaries_.erase(found);
}

void Loader::AddToBatch(LoadedObject object) {
  bool has_contents = object.item.type == ObjectType::kRegular && !object.primary_index;
  if (has_contents) batch_->bytes += object.item.identity.size;
  batch_->objects.push_back(std::move(object));
}

std::optional<Loader::Work::Job> Loader::FlushBatch() {
  if (batch_->objects.empty()) return std::nullopt;
  auto objects = std::make_shared<std::vector<LoadedObject>>(std::move(batch_->objects));
  size_t cost = kBatchBytes;
  *batch_ = {};
  return Work::Job{
      [context = shared_, objects] { return LoadedUnit(LoadBatch(*context, std::move(*objects))); },
      cost};
}

void Loader::FindComparable(LargeObject& large) {
  uint64_t size = large.metadata.size;
  if (!options_.dedup || !large.is_solid() || size <= kCompareBytes) return;
  SizeCandidate self{large.item_index, large.item.path, large.item.identity};
  auto [found, first] = by_size_.try_emplace(size, std::move(self));
  if (first) return;
  const SizeCandidate& candidate = found->second;
  Result<std::shared_ptr<SourceObject>> object = source_.Reopen(candidate.path, candidate.identity);
  if (!object.ok()) return;
  large.compare =
      CompareWith{candidate.item_index, candidate.path, candidate.identity, *std::move(object)};
}

// Leaves out what the volume before has.
void Loader::Resume(LargeObject& large) const {
  uint64_t from = resumed_->end_bytes;
  std::vector<Extent> rest;
  std::vector<Extent>& extents = large.streams.front().extents;
  for (Extent extent : extents) {
    uint64_t end = extent.offset_bytes + extent.length_bytes;
    uint64_t begin = std::max(extent.offset_bytes, from);
    if (begin < end) rest.push_back({begin, end - begin});
  }
  extents = std::move(rest);
  large.resumed = resumed_;
}

// Where holes cannot be asked for all is read.
void Loader::ListStreams(LargeObject& large) {
  SourceObject& object = *large.item.object;
  std::vector<SourceStream> streams = {{.size = large.metadata.size}};
  if (large.item.further_streams) streams = object.Streams();
  for (const SourceStream& stream : streams) {
    LargeStream& added = large.streams.emplace_back();
    added.stream = stream;
    if (stream.size > 0) added.extents = {{0, stream.size}};
    if (!large.item.further_streams && !large.item.may_have_holes) continue;
    Result<std::vector<Extent>> extents = object.StreamExtents(stream.number, stream.size);
    if (extents.ok()) added.extents = *std::move(extents);
    uint64_t data_bytes = 0;
    for (const Extent& extent : added.extents) data_bytes += extent.length_bytes;
    added.has_holes = data_bytes < stream.size;
  }
}

// Opens a large file, or turns it into a small object if that fails.
void Loader::BeginLarge(LoadedObject object) {
  auto large = std::make_shared<LargeObject>();
  large->item = object.item;
  large->item_index = object.item_index;
  Status opened = large->item.object->Open(large->metadata, large->warnings);
  if (opened.ok()) {
    ListStreams(*large);
    if (resumed_ && resumed_->begin.metadata.path == large->item.path) {
      Resume(*large);
    } else {
      FindComparable(*large);
    }
    large_ = std::move(large);
    next_stream_ = 0;
    next_extent_ = 0;
    extent_offset_ = 0;
    return;
  }
  object.metadata = std::move(large->metadata);
  object.warnings = std::move(large->warnings);
  object.failure = std::move(opened);
  AddToBatch(std::move(object));
}

std::optional<Loader::Work::Job> Loader::NextPiece() {
  LoadedPiece piece;
  piece.object = large_;
  piece.compare = large_->compare.has_value();
  const std::vector<LargeStream>& streams = large_->streams;
  const auto pass_finished = [&] {
    while (next_stream_ < streams.size() && next_extent_ == streams[next_stream_].extents.size()) {
      ++next_stream_;
      next_extent_ = 0;
    }
  };
  pass_finished();
  if (Cancelled()) {
    piece.failure = tapir::Cancelled("interrupted");
    next_stream_ = streams.size();
  } else if (next_stream_ < streams.size()) {
    piece.stream = streams[next_stream_].stream;
    const Extent& extent = streams[next_stream_].extents[next_extent_];
    piece.offset_bytes = extent.offset_bytes + extent_offset_;
    piece.wanted_bytes =
        static_cast<size_t>(std::min<uint64_t>(extent.length_bytes - extent_offset_, piece_bytes_));
    extent_offset_ += piece.wanted_bytes;
    if (extent_offset_ == extent.length_bytes) {
      ++next_extent_;
      extent_offset_ = 0;
    }
  }
  pass_finished();
  piece.last = next_stream_ == streams.size();
  if (piece.last) large_ = nullptr;
  auto shared_piece = std::make_shared<LoadedPiece>(std::move(piece));
  return Work::Job{[context = shared_, shared_piece] {
                     LoadPiece(*context, *shared_piece);
                     return LoadedUnit(std::move(*shared_piece));
                   },
                   shared_->piece_cost_bytes()};
}

void Loader::LoadNow(LoadedObject& object) {
  object.primary_index.reset();
  object.metadata = {};
  object.warnings.clear();
  LoadObject(*shared_, object);
}

LoadedPiece Loader::ReadAgain(const std::shared_ptr<LargeObject>& object, uint64_t offset_bytes,
                              uint64_t length_bytes) {
  LoadedPiece piece;
  piece.object = object;
  piece.offset_bytes = offset_bytes;
  piece.wanted_bytes = static_cast<size_t>(std::min<uint64_t>(length_bytes, piece_bytes_));
  LoadPiece(*shared_, piece);
  return piece;
}

bool Loader::IsUnchanged(const CompareWith& candidate) {
  Result<std::shared_ptr<SourceObject>> object = source_.Reopen(candidate.path, candidate.identity);
  return object.ok() && (*object)->Close() == ObjectStatus::kOk;
}

void Loader::LayOut(LoadedPiece& piece) {
  bool laid_out = !piece.contiguous || !piece.compressed.empty() || !piece.parts.empty();
  if (!laid_out) LayOutPiece(*shared_, piece);
}

}  // namespace tapir
