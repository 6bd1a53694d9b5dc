#include "object/object_assembler.h"

#include <utility>

#include "object/stream_rules.h"
#include "tapir/base/limits.h"

namespace tapir {

ObjectAssembler::ObjectAssembler(const Options& options, ObjectSink& sink)
    : options_(options), sink_(sink) {}

void ObjectAssembler::Complain(DamageKind kind, const DecodedChunk& chunk, std::string text,
                               std::string path) {
  const Locator& locator = chunk.chunk.locator;
  sink_.Damaged({kind, locator.block.object, locator.block.unit, 0, chunk.chunk.session_number,
                 std::move(text), std::move(path)});
}

// The open object will not be completed.
void ObjectAssembler::GiveUpOpen() {
  if (!open_) return;
  sink_.Abandon(*open_);
  if (options_.complete) sink_.Lost(open_->begin.ordinal, 1);
  open_.reset();
}

// A chunk that cannot be expanded, or read to its end, still names the objects it touches.
void ObjectAssembler::LoseUpTo(const ChunkHeader& header) {
  if (!options_.complete || header.first_object >= limits::kMaxObjects) return;
  uint64_t end = header.first_object + header.object_count;
  if (end <= next_ordinal_) return;
  GiveUpOpen();
  sink_.Lost(next_ordinal_, end - next_ordinal_);
  next_ordinal_ = end;
}

// Called for the first record of an object: false if it stands out of order. What was left out
// before it is lost.
bool ObjectAssembler::Advance(uint64_t ordinal, const DecodedChunk& chunk) {
  if (ordinal < next_ordinal_) {
    Complain(DamageKind::kRecord, chunk,
             "object " + std::to_string(ordinal) + " stands behind object " +
                 std::to_string(next_ordinal_ - 1),
             {});
    return false;
  }
  GiveUpOpen();
  if (options_.complete && ordinal > next_ordinal_) {
    sink_.Lost(next_ordinal_, ordinal - next_ordinal_);
  }
  next_ordinal_ = ordinal + 1;
  return true;
}

Status ObjectAssembler::Take(const DecodedChunk& chunk) {
  const ChunkHeader& header = chunk.chunk.header;
  if (chunk.chunk.missing_before > 0) {
    if (options_.complete) {
      Complain(DamageKind::kChunk, chunk,
               std::to_string(chunk.chunk.missing_before) + " chunks are missing before chunk " +
                   std::to_string(header.sequence),
               {});
    }
    GiveUpOpen();
  }
  if (!chunk.failure.ok()) {
    bool unsupported = chunk.failure.code() == StatusCode::kUnsupported;
    Complain(unsupported ? DamageKind::kUnsupported : DamageKind::kChunk, chunk,
             "chunk " + std::to_string(header.sequence) + ": " + chunk.failure.message(), {});
    GiveUpOpen();
    LoseUpTo(header);
    return OkStatus();
  }
  if (header.is(ChunkKind::kData)) {
    TAPIR_RETURN_IF_ERROR(TakeData(header.first_object, header.stream_number, header.stream_offset,
                                   chunk.raw.bytes, chunk));
    return sink_.ChunkDone(chunk);
  }
  for (const Damage& damage : chunk.parsed.damages) {
    sink_.Damaged(damage);
    // It may have been a record of the open object.
    GiveUpOpen();
  }
  for (const ParsedRecord& record : chunk.parsed.records) {
    TAPIR_RETURN_IF_ERROR(TakeRecord(record, chunk));
  }
  if (!chunk.parsed.damages.empty()) LoseUpTo(header);
  return sink_.ChunkDone(chunk);
}

Status ObjectAssembler::TakeRecord(const ParsedRecord& record, const DecodedChunk& chunk) {
  switch (static_cast<ItemType>(record.type)) {
    case ItemType::kWhole: return TakeWhole(record, chunk);
    case ItemType::kObjectBegin: return BeginObject(record, chunk);
    case ItemType::kData:
      return TakeData(record.ordinal, record.data.stream_number, record.data.offset_bytes,
                      record.bytes, chunk);
    case ItemType::kReference: return TakeReference(record, chunk);
    case ItemType::kObjectEnd: return EndObject(record, chunk);
    case ItemType::kTombstone:
    case ItemType::kExcluded:
      if (!Advance(record.ordinal, chunk)) return OkStatus();
      TAPIR_RETURN_IF_ERROR(digests_.Add(record.ordinal, nullptr));
      return sink_.Marker(record, chunk);
    default: break;
  }
  OpaqueRecord opaque{record.type, std::string(AsText(record.bytes))};
  if (IsOpen(record.ordinal)) {
    open_->opaque_records.push_back(std::move(opaque));
  } else if (record.ordinal == ~uint64_t{0}) {
    session_records_.push_back(std::move(opaque));
  }
  return OkStatus();
}

Status ObjectAssembler::TakeWhole(const ParsedRecord& record, const DecodedChunk& chunk) {
  if (!Advance(record.ordinal, chunk)) return OkStatus();
  TAPIR_RETURN_IF_ERROR(digests_.Add(record.ordinal, record.end.contents()));
  return sink_.Whole(record, chunk);
}

Status ObjectAssembler::BeginObject(const ParsedRecord& record, const DecodedChunk& chunk) {
  if (!Advance(record.ordinal, chunk)) return OkStatus();
  open_.emplace();
  open_->begin = record.begin;
  open_->locator = chunk.chunk.locator;
  open_->record_offset = record.offset;
  open_begin_payload_ = AsText(record.begin_payload);
  digesters_.clear();
  return sink_.Begin(*open_);
}

Status ObjectAssembler::TakeData(uint64_t ordinal, uint32_t stream, uint64_t offset, ByteSpan data,
                                 const DecodedChunk& chunk) {
  if (!IsOpen(ordinal)) {
    // Its beginning is lost, and told so once.
    if (ordinal >= next_ordinal_ && options_.complete) {
      GiveUpOpen();
      sink_.Lost(next_ordinal_, ordinal + 1 - next_ordinal_);
      next_ordinal_ = ordinal + 1;
    }
    return OkStatus();
  }
  // Each stream costs memory: none but those that the object declares.
  const bool known = digesters_.contains(stream) || HasStream(open_->begin.metadata, stream);
  bool in_range = offset <= limits::kMaxStreamBytes - data.size();
  if (!known || !in_range) {
    Complain(DamageKind::kRecord, chunk, "data of no stream of the object, or out of range",
             open_->begin.metadata.path);
    GiveUpOpen();
    return OkStatus();
  }
  auto [digester, is_new] = digesters_.try_emplace(stream, options_.with_sha256);
  uint64_t referred = stream == 0 && open_->reference ? open_->reference->length : 0;
  if (offset < digester->second.end_bytes() || offset < referred) {
    Complain(DamageKind::kRecord, chunk, "data of a stream overlaps", open_->begin.metadata.path);
    GiveUpOpen();
    return OkStatus();
  }
  if (options_.check_digests || stream != 0) digester->second.Data(offset, data);
  return sink_.Data(*open_, stream, offset, data);
}

Status ObjectAssembler::TakeReference(const ParsedRecord& record, const DecodedChunk& chunk) {
  if (!IsOpen(record.ordinal)) return OkStatus();
  const Reference& reference = record.reference;
  bool plain = reference.stream_number == 0 && reference.target_stream == 0;
  if (!plain || open_->reference || !digesters_.empty()) {
    Complain(DamageKind::kReference, chunk, "a reference that is not the first of stream 0",
             open_->begin.metadata.path);
    GiveUpOpen();
    return OkStatus();
  }
  open_->reference = reference;
  return sink_.Refer(*open_, reference);
}

// A whole reference is right if the target was proven and has the same digest.
Result<Proof> ObjectAssembler::ProveReference(const StreamEnd& stream) {
  const Reference& reference = *open_->reference;
  if (reference.length > stream.size) return Proof::kWrong;
  if (reference.length < stream.size || !options_.complete) return Proof::kPending;
  TAPIR_ASSIGN_OR_RETURN(std::optional<StreamEnd> target, digests_.Find(reference.target_ordinal));
  bool same = target && target->size == stream.size && target->digests == stream.digests;
  return same ? Proof::kDigest : Proof::kWrong;
}

Result<Proof> ObjectAssembler::Prove(const StreamEnd& stream) {
  if (stream.stream_number == 0 && open_->reference) return ProveReference(stream);
  if (!options_.check_digests) return Proof::kPending;
  auto [found, is_new] = digesters_.try_emplace(stream.stream_number, options_.with_sha256);
  ContentDigester& digester = found->second;
  if (digester.end_bytes() > stream.size) return Proof::kWrong;
  ContentDigester::Outcome outcome = digester.Finish(stream.size);
  bool sha256_right = !stream.has_sha256 || !options_.with_sha256 ||
                      outcome.digests.sha256 == stream.digests.sha256;
  bool right = outcome.map_form == stream.map_digest && outcome.data_bytes == stream.data_bytes &&
               outcome.digests.xxh128 == stream.digests.xxh128 && sha256_right;
  return right ? Proof::kDigest : Proof::kWrong;
}

Status ObjectAssembler::EndObject(const ParsedRecord& record, const DecodedChunk& chunk) {
  if (!IsOpen(record.ordinal)) {
    return TakeData(record.ordinal, 0, 0, {}, chunk);
  }
  if (Status streams = CheckStreams(open_->begin.metadata, record.end); !streams.ok()) {
    Complain(DamageKind::kRecord, chunk, streams.message(), open_->begin.metadata.path);
    GiveUpOpen();
    return OkStatus();
  }
  open_->end = record.end;
  open_->record_digest = RecordDigest(AsBytes(open_begin_payload_), record.end_payload);
  bool regular = open_->begin.metadata.type == ObjectType::kRegular;
  Proof proof = regular && record.end.contents() == nullptr ? Proof::kWrong : Proof::kDigest;
  for (const StreamEnd& stream : record.end.streams) {
    TAPIR_ASSIGN_OR_RETURN(Proof of_stream, Prove(stream));
    if (of_stream == Proof::kWrong || proof == Proof::kDigest) proof = of_stream;
    if (proof == Proof::kWrong) break;
  }
  AssembledObject object = *std::exchange(open_, std::nullopt);
  if (proof == Proof::kWrong) {
    DamageKind kind = object.reference ? DamageKind::kReference : DamageKind::kDigest;
    Complain(kind, chunk,
             object.reference ? "the object it refers to is missing or another one"
                              : "the contents differ from their digest",
             object.begin.metadata.path);
    sink_.Abandon(object);
    if (options_.complete) sink_.Lost(object.begin.ordinal, 1);
    return digests_.Add(object.begin.ordinal, nullptr);
  }
  // Targets hold their bytes themselves (chapter 5.6).
  bool may_be_target = proof == Proof::kDigest && !object.reference;
  TAPIR_RETURN_IF_ERROR(
      digests_.Add(object.begin.ordinal, may_be_target ? object.end.contents() : nullptr));
  return sink_.End(object, proof);
}

void ObjectAssembler::Stop() {
  if (open_) sink_.Abandon(*open_);
  open_.reset();
}

Status ObjectAssembler::Finish(std::optional<uint64_t> object_count) {
  GiveUpOpen();
  if (options_.complete && object_count && *object_count > next_ordinal_) {
    sink_.Lost(next_ordinal_, *object_count - next_ordinal_);
    next_ordinal_ = *object_count;
  }
  return OkStatus();
}

}  // namespace tapir
