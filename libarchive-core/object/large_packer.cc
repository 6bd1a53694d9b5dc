#include "object/large_packer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "object/cut_point.h"

namespace tapir {
namespace {

// Shorter pieces travel in a DATA record, so that tails and small extents share chunks.
constexpr size_t kDataRecordBytes = 64u << 10;

std::vector<ByteSpan> SpansOf(const LoadedPiece& piece) {
  if (piece.contiguous) return {ByteSpan(piece.contiguous->span()).first(piece.bytes)};
  std::vector<ByteSpan> spans;
  for (const AlignedPart& part : piece.parts) {
    spans.push_back(ByteSpan(part.block->span()).subspan(kAlignedDataOffset, part.data_bytes));
  }
  return spans;
}

}  // namespace

LargePacker::LargePacker(const Tools& tools, std::shared_ptr<LargeObject> object, uint64_t ordinal)
    : tools_(tools),
      object_(std::move(object)),
      begin_{ordinal, object_->metadata},
      digester_(tools.options.with_sha256) {
  for (const std::string& warning : object_->warnings) {
    tools_.report.Warn(object_->metadata.path, warning);
  }
  begin_.metadata.earlier_name = object_->item.earlier_name;
  if (object_->resumed) {
    begin_bytes_ = object_->resumed->end_bytes;
    whole_ = object_->resumed->whole.Fork();
    begin_.metadata.fragment_offset = begin_bytes_;
    const Metadata& before = object_->resumed->begin.metadata;
    bool same = before.mtime == begin_.metadata.mtime && before.size == begin_.metadata.size;
    if (!same) end_.status = ObjectStatus::kChanged;
  }
  begin_payload_ = EncodeObjectBegin(ordinal, begin_.metadata);
  end_.ordinal = ordinal;
  // Before it the session may go on on another volume.
  if (tools_.options.may_continue) tools_.queue.Flush();
  tools_.queue.OpenObject(ordinal, AsBytes(begin_payload_));
  for (const OpaqueRecord& record : object_->metadata.opaque_records) {
    AddOpaqueRecord(tools_.queue, ordinal, record);
  }
  prefix_equal_ = object_->compare.has_value();
  hold_ = tools_.options.dedup && object_->is_solid() && !object_->resumed &&
          object_->metadata.size <= kCompareBytes;
}

Status LargePacker::Take(LoadedPiece piece) {
  bool last = piece.last;
  if (!stopped_ && !piece.failure.ok()) {
    end_.status = ObjectStatus::kUnreadable;
    stopped_ = true;
    if (piece.failure.code() != StatusCode::kCancelled) {
      tools_.report.Warn(object_->metadata.path, "cannot be read: " + piece.failure.message());
    }
  }
  if (!stopped_) {
    bool ends_early = piece.bytes < piece.wanted_bytes;
    TAPIR_RETURN_IF_ERROR(TakeBytes(piece));
    if (ends_early) {
      end_.status = ObjectStatus::kShort;
      stopped_ = true;
    }
  }
  return last ? End() : OkStatus();
}

Status LargePacker::TakeBytes(LoadedPiece& piece) {
  if (piece.bytes == 0) return OkStatus();
  EndStreamsBefore(piece.stream.number);
  if (prefix_equal_ && !piece.equal) {
    TAPIR_RETURN_IF_ERROR(EndEqualPrefix());
    // The prefix could not be read again: what follows would stand behind a hole that is none.
    if (stopped_) return OkStatus();
  }
  bool cut_anywhere = MayBeCut() && !prefix_equal_;
  if (cut_anywhere && piece.parts.size() > 1) {
    StoreParts(piece);
    return OkStatus();
  }
  Digest(piece);
  if (prefix_equal_) return OkStatus();
  if (hold_) {
    held_.push_back(std::move(piece));
  } else {
    Store(piece);
  }
  return OkStatus();
}

void LargePacker::Digest(const LoadedPiece& piece) {
  uint64_t offset = piece.offset_bytes;
  for (ByteSpan span : SpansOf(piece)) {
    digester_.Data(offset - begin_bytes_, span);
    if (whole_) whole_->Data(offset, span);
    offset += span.size();
  }
}

void LargePacker::AddReference(uint64_t target_ordinal, uint64_t length) {
  reference_ = Reference{begin_.ordinal, 0, 0, target_ordinal, length};
  std::string payload = EncodeReference(*reference_);
  tools_.queue.AddRecord(ItemType::kReference, begin_.ordinal, {AsBytes(payload)});
}

// What was equal so far becomes a reference, if the earlier file is stored and still unchanged.
Status LargePacker::EndEqualPrefix() {
  prefix_equal_ = false;
  uint64_t length = digester_.end_bytes();
  if (length == 0) return OkStatus();
  std::optional<uint64_t> target = tools_.ordinal_of(object_->compare->item_index);
  if (target && tools_.loader.IsUnchanged(*object_->compare)) {
    AddReference(*target, length);
    return OkStatus();
  }
  return StorePrefix();
}

// The equal prefix was not kept and there is nothing to refer to: it is read a second time.
Status LargePacker::StorePrefix() {
  uint64_t length = digester_.end_bytes();
  digester_.Reset();
  while (digester_.end_bytes() < length) {
    LoadedPiece again =
        tools_.loader.ReadAgain(object_, digester_.end_bytes(), length - digester_.end_bytes());
    if (!again.failure.ok() || again.bytes == 0) {
      end_.status = ObjectStatus::kUnreadable;
      stopped_ = true;
      return OkStatus();
    }
    Digest(again);
    Store(again);
  }
  return OkStatus();
}

void LargePacker::Store(LoadedPiece& piece) {
  tools_.loader.LayOut(piece);
  piece.offset_bytes -= begin_bytes_;
  if (piece.bytes > kDataRecordBytes || piece.stream.incompressible) {
    tools_.queue.AddData(begin_.ordinal, piece);
    if (MayBeCut()) MarkCut();
    return;
  }
  uint64_t offset = piece.offset_bytes;
  for (ByteSpan span : SpansOf(piece)) {
    std::string head;
    AppendDataHead(head, {begin_.ordinal, piece.stream.number, offset});
    tools_.queue.AddRecord(ItemType::kData, begin_.ordinal, {AsBytes(head), span});
    offset += span.size();
  }
}

// Part by part, so that the file can be cut behind each block.
void LargePacker::StoreParts(LoadedPiece& piece) {
  uint64_t offset = piece.offset_bytes;
  for (AlignedPart& part : piece.parts) {
    LoadedPiece one;
    one.offset_bytes = offset;
    one.bytes = part.data_bytes;
    one.parts.push_back(std::move(part));
    offset += one.bytes;
    Digest(one);
    one.offset_bytes -= begin_bytes_;
    tools_.queue.AddData(begin_.ordinal, one);
    MarkCut();
  }
}

// The digest of a held file is known: store its pieces, or refer to an equal one.
Status LargePacker::SettleHeld() {
  const StreamEnd& contents = *end_.contents();
  std::vector<ByteSpan> spans;
  for (const LoadedPiece& piece : held_) {
    for (ByteSpan span : SpansOf(piece)) spans.push_back(span);
  }
  TAPIR_ASSIGN_OR_RETURN(std::optional<StoredContent> same,
                         tools_.equal.Find(contents.size, contents.digests, spans));
  if (same) {
    AddReference(same->ordinal, contents.size);
  } else {
    for (LoadedPiece& piece : held_) Store(piece);
  }
  held_.clear();
  return OkStatus();
}

void LargePacker::MarkCut() {
  tools_.queue.MarkCut(std::make_shared<const CutPoint>(
      CutPoint{.begin = begin_,
               .begin_payload = begin_payload_,
               .record_offset = tools_.queue.open_offset(),
               .reference = reference_,
               .begin_bytes = begin_bytes_,
               .end_bytes = begin_bytes_ + digester_.end_bytes(),
               .fragment = digester_.Fork(),
               .whole = whole_ ? whole_->Fork() : digester_.Fork()}));
}

StreamEnd LargePacker::EndStream(ContentDigester& digester, const SourceStream& stream) const {
  StreamEnd end;
  end.stream_number = stream.number;
  end.size = stopped_ ? digester.end_bytes() : stream.size;
  ContentDigester::Outcome outcome = digester.Finish(end.size);
  end.map_digest = outcome.map_form;
  end.data_bytes = outcome.data_bytes;
  end.digests = outcome.digests;
  end.has_sha256 = tools_.options.with_sha256;
  return end;
}

// Streams without data have no pieces.
void LargePacker::EndStreamsBefore(uint64_t number) {
  const std::vector<LargeStream>& streams = object_->streams;
  for (; ended_streams_ < streams.size(); ++ended_streams_) {
    SourceStream stream = streams[ended_streams_].stream;
    if (stream.number >= number) return;
    // A file that was cut meanwhile may be shorter than what the volume before has of it.
    stream.size = std::max(stream.size, begin_bytes_) - begin_bytes_;
    end_.streams.push_back(EndStream(digester_, stream));
    digester_.Reset();
  }
}

Status LargePacker::End() {
  if (prefix_equal_) TAPIR_RETURN_IF_ERROR(EndEqualPrefix());
  ObjectStatus state = object_->item.object->Close();
  if (end_.status == ObjectStatus::kOk) end_.status = state;
  EndStreamsBefore(~uint64_t{0});
  if (whole_) {
    end_.whole = EndStream(*whole_, {.size = std::max(object_->metadata.size, begin_bytes_)});
  }
  if (hold_) TAPIR_RETURN_IF_ERROR(SettleHeld());
  std::string end_payload = EncodeObjectEnd(end_);
  Entry entry = MakeEntry(begin_, end_, reference_ ? &*reference_ : nullptr);
  entry.record_digest = RecordDigest(AsBytes(begin_payload_), AsBytes(end_payload));
  tools_.queue.CloseObject(std::move(entry), AsBytes(end_payload));
  tools_.report.Stored(begin_.metadata, end_, reference_ ? &*reference_ : nullptr);
  if (hold_ && holds_its_bytes()) {
    const StreamEnd& contents = *end_.contents();
    return tools_.equal.Add({begin_.ordinal, contents.size, contents.digests,
                             object_->item.identity, object_->metadata.path});
  }
  return OkStatus();
}

}  // namespace tapir
