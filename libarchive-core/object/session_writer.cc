#include "object/session_writer.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "container/block_writer.h"
#include "container/end_note.h"
#include "object/index_writer.h"
#include "object/loader.h"
#include "object/packer.h"
#include "object/stream_buffer.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

std::string OptionsText(const SessionOptions& options) {
  std::string text = options.zstd_level == 0
                         ? "compress=none"
                         : "compress=zstd:" + std::to_string(options.zstd_level);
  text += options.dedup ? " dedup=session" : " dedup=none";
  return text;
}

SessionId NewSessionId(Ambient& ambient) {
  SessionId id{};
  while (AllZero(id)) ambient.FillRandom(id);
  return id;
}

// Chunks that may wait for the thread that writes, where it need not write in long runs.
constexpr uint64_t kBytesToWrite = 16u << 20;

// More than any drive holds back.
constexpr size_t kRememberedChunks = 4096;

// Small objects are packed until a chunk has so many raw bytes. What is not compressed gains
// nothing from large chunks: each fills one block, so that it is lost alone, and read without
// putting pieces together.
size_t ChunkBytes(const SessionOptions& options, const Label& label) {
  constexpr size_t kCompressed = 4u << 20;
  constexpr size_t kHeads = kBlockHeaderBytes + kChunkHeaderBytes;
  return options.zstd_level == 0 ? label.max_block_bytes - kHeads : kCompressed;
}

// Writes one session from its START to its second END.
class SessionRun {
 public:
  SessionRun(BlockDevice& device, const AppendPoint& point, ObjectSource& source,
             const SessionOptions& options, Spanning* spanning)
      : device_(device),
        point_(point),
        source_(source),
        options_(options),
        spanning_(spanning),
        session_id_(NewSessionId(*options.ambient)),
        blocks_(device, BlockOptions(point, session_id_)),
        index_(options.with_sha256, options.zstd_level) {}

  Result<WrittenSession> Run() {
    Status written = WriteStart();
    if (written.ok()) written = WriteData();
    if (written.ok()) written = Close();
    if (spanning_ != nullptr && first_end_written_ && written.code() == StatusCode::kEndOfMedium) {
      // One END is enough for a session to have ended, and there is no better place for another.
      options_.reporter->Report(NoticeKind::kWarning, {},
                                "the medium had room for one copy of the session's end only");
      written = device_.Sync();
    }
    WrittenSession session;
    session.continued = full_;
    if (!written.ok()) {
      bool goes_on = spanning_ != nullptr && written.code() == StatusCode::kEndOfMedium;
      if (!goes_on) return Torn(std::move(written));
      session.continued = true;
      session.has_end = false;
    }
    if (session.continued) LeaveToNext(session.has_end);
    session.entry = EntryOf(end_, start_);
    if (session.continued) session.index = OwnIndex(session.has_end);
    session.totals = totals_;
    session.stored_bytes = stored_bytes_;
    session.stream = stream_;
    session.volume_bytes = (blocks_.next_place().unit - point_.next_unit) * limits::kUnitBytes;
    return session;
  }

 private:
  Status Close() {
    if (full_ && cut_) TAPIR_RETURN_IF_ERROR(EndCutFile());
    TAPIR_RETURN_IF_ERROR(blocks_.EndSection());
    SettleWritten();
    TAPIR_RETURN_IF_ERROR(blocks_.WriteFilemark(true));
    TAPIR_RETURN_IF_ERROR(WriteIndexes());
    TAPIR_RETURN_IF_ERROR(blocks_.Sync());
    return WriteEnd();
  }

  Status WriteIndexes() {
    TAPIR_ASSIGN_OR_RETURN(leaves_, index_.Finish());
    index_place_ = blocks_.next_place();
    TAPIR_ASSIGN_OR_RETURN(index_written_, WriteIndex(blocks_, *leaves_, IndexForm::kOwn,
                                                      options_.zstd_level, next_sequence_));
    for (const CopiedIndex& copied : point_.index_copies) {
      // Copies only save ways: where room is short they are left out.
      if (full_ || blocks_.early_warning()) break;
      TAPIR_ASSIGN_OR_RETURN(WrittenIndex written,
                             WriteIndex(blocks_, copied.leaves, IndexForm::kCopy,
                                        options_.zstd_level, next_sequence_));
      IndexCopy copy = copied.index;
      copy.root = written.root;
      copy.root_level = written.root_level;
      copy.root_digest = written.root_digest;
      index_copies_.push_back(std::move(copy));
    }
    return blocks_.EndSection();
  }

  // The failure, and on a tape what of the session is there nonetheless.
  Status Torn(Status failure) const {
    if (!device_.traits().keeps_block_boundaries) return failure;
    const uint64_t on_medium = device_.position().object;
    for (auto at = settled_.rbegin(); at != settled_.rend(); ++at) {
      if (at->first >= on_medium) continue;
      return std::move(failure).Annotate("the session is torn, what comes behind '" + at->second +
                                         "' is not on the medium");
    }
    return std::move(failure).Annotate("the session is torn, none of its objects is on the medium");
  }

  // What the next volume has to know.
  void LeaveToNext(bool has_end) {
    // Of a file cut off by the end of the medium nothing counts.
    if (has_end) spanning_->cut = cut_;
    spanning_->before = EarlierPart{.volume_uuid = point_.label.volume_uuid,
                                    .volume_sequence = point_.label.volume_sequence,
                                    .session_id = session_id_};
    if (has_end) spanning_->before->end_digest = end_.digest;
  }

  // For the last volume of the set. Where the medium ended before END, only if it took all data.
  std::optional<CopiedIndex> OwnIndex(bool has_end) const {
    if (!leaves_ || device_.position().object < index_place_->object) return std::nullopt;
    CopiedIndex own{{}, *leaves_};
    own.index.session = EntryOf(end_, start_);
    if (!has_end) {
      own.index.session = EntryOf({MakeEnd(), {}, {}}, start_);
      own.index.session.status = SessionStatus::kContinued;
    }
    own.index.volume_sequence = point_.label.volume_sequence;
    return own;
  }

  Status WriteStart() {
    start_.session_id = session_id_;
    start_.session_number = point_.session_number;
    start_.kind = SessionKind::kAdditive;
    start_.with_sha256 = options_.with_sha256;
    start_.start = options_.ambient->Now();
    start_.volume_sequence = point_.label.volume_sequence;
    start_.previous_end = point_.last_end;
    start_.previous_end_digest = point_.last_end_digest;
    start_.gap_first_unit = point_.gap_first_unit;
    start_.gap_units = point_.gap_units;
    start_.writer = WriterName();
    start_.options = OptionsText(options_);
    start_.earlier = point_.earlier;
    if (spanning_ != nullptr) start_.continues = spanning_->before;
    start_place_ = blocks_.next_place();
    std::string raw = EncodeStart(start_);
    ChunkHeader header = StoredChunkHeader(ChunkKind::kStart, AsBytes(raw));
    header.sequence = next_sequence_++;
    TAPIR_RETURN_IF_ERROR(blocks_.Append(BlockType::kStart, header, AsBytes(raw)).status());
    return blocks_.EndSection();
  }

  Status WriteData() {
    uint32_t aligned_bytes = point_.label.max_block_bytes - kAlignedDataOffset;
    Loader loader(source_, options_, aligned_bytes, spanning_ ? spanning_->cut : nullptr);
    bool parallel = options_.threads > 1;
    // The pools come after the loader and before the work, so that jobs end before what they use.
    std::unique_ptr<ThreadPool> io_pool;
    std::unique_ptr<ThreadPool> cpu_pool;
    if (parallel) {
      io_pool = std::make_unique<ThreadPool>(std::max(options_.io_threads, 1u));
      cpu_pool = std::make_unique<ThreadPool>(options_.threads);
    }
    size_t half = options_.memory_bytes / 2;
    Loader::Work loaded(io_pool.get(), {size_t{4} * options_.io_threads, half},
                        [&loader] { return loader.NextJob(); });
    Packer packer(loader, loaded, source_, options_, ChunkBytes(options_, point_.label));
    PackedWork packed(cpu_pool.get(), {size_t{4} * options_.threads + 4, half},
                      [&packer] { return packer.NextJob(); });
    StreamBuffer buffer(BufferOptions(parallel),
                        [this](PackedChunk chunk) { return WriteChunk(std::move(chunk)); });
    while (std::optional<PackedChunk> chunk = packed.Next()) {
      chunk->notes = packer.TakeNotes();
      if (!buffer.Push(*std::move(chunk)).ok()) break;
    }
    TAPIR_RETURN_IF_ERROR(packer.status());
    Status written = buffer.Finish();
    stream_ = buffer.report();
    if (full_) return OkStatus();
    TAPIR_RETURN_IF_ERROR(std::move(written));
    interrupted_ = loader.interrupted();
    last_news_ = packer.TakeLastNews();
    return OkStatus();
  }

  StreamBuffer::Options BufferOptions(bool parallel) const {
    StreamBuffer::Options options;
    options.in_long_runs = options_.stream_buffer_bytes > 0;
    options.capacity_bytes = options.in_long_runs ? options_.stream_buffer_bytes : kBytesToWrite;
    options.threaded = parallel;
    options.progress = options.in_long_runs ? options_.progress : nullptr;
    if (options.progress != nullptr) {
      options.progress->buffer_capacity_bytes = options.capacity_bytes;
    }
    return options;
  }

  // Runs on the buffer's thread.
  Status WriteChunk(PackedChunk chunk) {
    TAPIR_RETURN_IF_ERROR(std::move(chunk.status));
    if (spanning_ != nullptr && blocks_.early_warning() && (!object_open_ || cut_)) {
      full_ = true;
      return EndOfMedium("the end of the medium is near");
    }
    chunk.header.sequence = next_sequence_++;
    Result<Locator> written = Place(chunk);
    if (!written.ok()) return std::move(written).status();
    Unsettled unsettled{.chunk_end = blocks_.next_place().object,
                        .news = std::move(chunk.notes.news)};
    if (!chunk.entries.empty()) unsettled.last_path = chunk.entries.back().entry.path;
    for (PendingEntry& pending : chunk.entries) {
      if (pending.begun_earlier) object_open_ = false;
      const Locator& begun = pending.begun_earlier ? open_begun_ : *written;
      uint32_t begin = pending.begun_earlier ? open_records_begin_ : chunk.records_begin;
      SetPlace(pending.entry, begun, begin + pending.entry.record_offset);
      TAPIR_RETURN_IF_ERROR(index_.Add(std::move(pending.entry)));
    }
    if (chunk.opens_object) {
      object_open_ = true;
      open_begun_ = *written;
      open_records_begin_ = chunk.records_begin;
    }
    cut_ = object_open_ ? std::move(chunk.notes.cut) : nullptr;
    stored_bytes_ += chunk.header.stored_bytes;
    if (options_.progress != nullptr) options_.progress->volume_bytes += chunk.header.stored_bytes;
    unsettled_.push_back(std::move(unsettled));
    // The block in which a chunk ends may still be open.
    while (unsettled_.front().chunk_end < blocks_.next_place().object) Settle();
    return OkStatus();
  }

  // Counts the chunk that was written first of those that were not counted yet.
  void Settle() {
    const Unsettled& chunk = unsettled_.front();
    Tell(chunk.news, options_);
    AddTotals(totals_, chunk.news.totals);
    if (!chunk.last_path.empty()) {
      if (spanning_ != nullptr) spanning_->source->Release(chunk.last_path);
      settled_.emplace_back(chunk.chunk_end, chunk.last_path);
      if (settled_.size() > kRememberedChunks) settled_.pop_front();
    }
    unsettled_.pop_front();
  }

  void SettleWritten() {
    while (!unsettled_.empty()) Settle();
    Tell(last_news_, options_);
    AddTotals(totals_, last_news_.totals);
  }

  // Ends the open file behind its last chunk: it goes on on the next volume.
  Status EndCutFile() {
    FragmentEnd end = EndFragment(*cut_, options_.with_sha256);
    std::string raw;
    AppendItem(raw, ItemType::kObjectEnd, AsBytes(end.end_payload));
    ChunkHeader header = StoredChunkHeader(ChunkKind::kRecords, AsBytes(raw));
    header.first_object = cut_->begin.ordinal;
    header.object_count = 1;
    header.sequence = next_sequence_++;
    TAPIR_RETURN_IF_ERROR(blocks_.Append(BlockType::kData, header, AsBytes(raw)).status());
    SetPlace(end.entry, open_begun_, open_records_begin_ + cut_->record_offset);
    TAPIR_RETURN_IF_ERROR(index_.Add(std::move(end.entry)));
    stored_bytes_ += header.stored_bytes;
    totals_.content_bytes += end.size;
    return OkStatus();
  }

  Result<Locator> Place(PackedChunk& chunk) {
    if (chunk.aligned) return blocks_.AppendAligned(BlockType::kData, chunk.header, *chunk.aligned);
    ByteSpan stored = chunk.raw ? ByteSpan(chunk.raw->span()).first(chunk.header.stored_bytes)
                                : AsBytes(chunk.compressed);
    if (chunk.raw) TAPIR_RETURN_IF_ERROR(blocks_.MakeRoomFor(stored.size()));
    return blocks_.Append(BlockType::kData, chunk.header, stored);
  }

  EndRecord MakeEnd() const {
    EndRecord end;
    end.session_id = session_id_;
    end.session_number = point_.session_number;
    end.status = full_          ? SessionStatus::kContinued
                 : interrupted_ ? SessionStatus::kInterrupted
                                : SessionStatus::kComplete;
    end.has_policy = !options_.session_records.empty();
    end.end = options_.ambient->Now();
    end.volume_sequence = point_.label.volume_sequence;
    end.object_count = index_.entry_count();
    end.content_bytes = totals_.content_bytes;
    end.stored_bytes = stored_bytes_;
    end.start_place = start_place_;
    end.index_place = *index_place_;
    end.root = index_written_.root;
    end.root_level = index_written_.root_level;
    end.root_digest = index_written_.root_digest;
    end.read_features = point_.read_features;
    end.append_features = point_.append_features;
    end.compatible_features = point_.compatible_features;
    end.previous_end_digest = point_.last_end_digest;
    end.chunk_count = next_sequence_;
    end.flawed_count = totals_.flawed;
    end.label = point_.label;
    end.start = start_;
    end.start->earlier.clear();
    end.writer = WriterName();
    end.earlier = point_.earlier;
    end.set_members = point_.set_members;
    end.index_copies = index_copies_;
    for (const auto& [rule, left_out] : totals_.excluded) {
      end.left_out.push_back({rule, left_out.objects, left_out.bytes});
    }
    return end;
  }

  Status WriteEnd() {
    end_.record = MakeEnd();
    std::string raw = EncodeEnd(end_.record);
    end_.digest = ComputeDigest128(AsBytes(raw));
    end_.place = blocks_.next_place();
    ChunkHeader header = StoredChunkHeader(ChunkKind::kEnd, AsBytes(raw));
    header.sequence = next_sequence_;
    TAPIR_RETURN_IF_ERROR(WriteEndCopy(header, raw));
    first_end_written_ = true;
    blocks_.set_last_end(end_.place);
    TAPIR_RETURN_IF_ERROR(WriteEndCopy(header, raw));
    TAPIR_RETURN_IF_ERROR(blocks_.WriteFilemark(false));
    TAPIR_RETURN_IF_ERROR(blocks_.Sync());
    Status noted =
        device_.KeepNote(EncodeEndNote({point_.label.volume_uuid, session_id_, end_.place}));
    if (!noted.ok() && options_.reporter != nullptr) {
      options_.reporter->Report(NoticeKind::kWarning, {}, noted.message());
    }
    return OkStatus();
  }

  Status WriteEndCopy(const ChunkHeader& header, const std::string& raw) {
    TAPIR_RETURN_IF_ERROR(blocks_.Append(BlockType::kEnd, header, AsBytes(raw)).status());
    return blocks_.EndSection();
  }

  /// A chunk of which parts may still be in memory.
  struct Unsettled {
    uint64_t chunk_end = 0;  ///< object number of the block in which it ends, or of the next one
    std::string last_path;   ///< of the objects that end in it
    PackNews news;
  };

  BlockDevice& device_;
  const AppendPoint& point_;
  ObjectSource& source_;
  const SessionOptions& options_;
  Spanning* spanning_;
  SessionId session_id_;
  BlockWriter blocks_;
  IndexWriter index_;
  StartRecord start_;
  BlockPlace start_place_;
  uint64_t next_sequence_ = 0;
  Locator open_begun_;  ///< chunk in which the open object began
  uint32_t open_records_begin_ = 0;
  bool object_open_ = false;
  std::shared_ptr<const CutPoint> cut_;  ///< the open object may end behind the last chunk
  bool full_ = false;                    ///< the rest goes to the next volume
  std::deque<Unsettled> unsettled_;
  /// Where chunks end, and the last path in each. A drive may fail with some of them in its memory.
  std::deque<std::pair<uint64_t, std::string>> settled_;
  PackNews last_news_;
  PackTotals totals_;
  uint64_t stored_bytes_ = 0;
  bool interrupted_ = false;
  StreamReport stream_;
  std::optional<StoredLeaves> leaves_;
  std::optional<BlockPlace> index_place_;
  WrittenIndex index_written_;
  std::vector<IndexCopy> index_copies_;
  FoundEnd end_;
  bool first_end_written_ = false;
};

}  // namespace

Result<WrittenSession> WriteSession(BlockDevice& device, const AppendPoint& point,
                                    ObjectSource& source, const SessionOptions& options,
                                    Spanning* spanning) {
  return SessionRun(device, point, source, options, spanning).Run();
}

}  // namespace tapir
