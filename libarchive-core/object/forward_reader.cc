#include "object/forward_reader.h"

#include <algorithm>
#include <utility>

#include "container/foreign.h"

namespace tapir {
namespace {

// Of a long stretch of unreadable chunks not all wait for the session's end to be known.
constexpr size_t kMaxPostponedChunks = 1000;

// Where contents are decoded, that checks the bodies of blocks as well.
BlockReader::Options BlockOptions(const ForwardReader::Options& options) {
  BlockReader::Options blocks = options.blocks;
  blocks.check_bodies = options.decode.headers_only;
  return blocks;
}

}  // namespace

ForwardReader::ForwardReader(BlockDevice& device, const Options& options, VolumeSink& sink)
    : options_(options),
      sink_(sink),
      chunks_(device, BlockOptions(options)),
      can_peek_(!device.traits().keeps_block_boundaries) {
  if (!BlockOptions(options).check_bodies) chunks_.TellBlocks();
}

Status ForwardReader::Run() {
  TAPIR_RETURN_IF_ERROR(CheckBeginning());
  return Loop();
}

Status ForwardReader::RunFrom(const BlockPlace& place) {
  TAPIR_RETURN_IF_ERROR(chunks_.Seek(place));
  return Loop();
}

Status ForwardReader::CheckBeginning() {
  // On tape the label has been looked for before.
  if (!can_peek_) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(ByteSpan first, chunks_.Peek());
  if (first.empty()) return NotFound("it is empty: no volume label");
  Result<BlockHeader> header = DecodeBlockHeader(first);
  if (header.ok()) return OkStatus();
  if (header.status().code() == StatusCode::kUnsupported) return header.status();
  std::string found = IdentifyForeign(first);
  if (found == "unknown data" || found == "zeros") return OkStatus();
  return Foreign("it holds " + found + ", not a Tapir volume");
}

Status ForwardReader::Loop() {
  DecodedReader::Options options = options_.decode;
  options.read_ahead = !options.headers_only;
  decoded_.emplace([this] { return chunks_.Next(); }, options_.pool, options);
  Status taken = TakeAll();
  decoded_.reset();
  if (!taken.ok()) return taken;
  if (options_.progress != nullptr) options_.progress->volume_bytes = chunks_.bytes_read();
  return chunk_count_ == 0 ? EndWithoutChunk() : EndVolume();
}

Status ForwardReader::TakeAll() {
  while (!stopped_) {
    if (options_.cancelled != nullptr && options_.cancelled->load()) {
      return Cancelled("interrupted");
    }
    TAPIR_ASSIGN_OR_RETURN(std::optional<DecodedChunk> decoded, decoded_->Next());
    if (!decoded) break;
    for (Damage& damage : decoded->before) held_.push_back(std::move(damage));
    if (decoded->kind == ChunkEvent::Kind::kDamage) {
      held_.push_back(std::move(decoded->damage));
    } else if (decoded->kind == ChunkEvent::Kind::kChunk) {
      TAPIR_RETURN_IF_ERROR(TakeChunk(*decoded));
    } else if (decoded->kind == ChunkEvent::Kind::kEnd) {
      break;
    }
  }
  return OkStatus();
}

Status ForwardReader::EndVolume() {
  // What cannot be read behind a session without end is what is left of it.
  bool unended = !session_ || (!session_->end && !session_->end_is_named);
  torn_ = !stopped_ && (unended ? session_.has_value() || !held_.empty() : false);
  bool torn_session = unended && !stopped_;
  if (torn_session) {
    held_.clear();
    postponed_.clear();
  }
  ReleaseHeld();
  return CloseSession(torn_session);
}

// Blocks of a volume, but not even its label: that is damage, not another kind of file.
Status ForwardReader::EndWithoutChunk() {
  if (chunks_.blocks_read() == 0) return Foreign("it holds no block of a Tapir volume");
  ReleaseHeld();
  sink_.Damaged({DamageKind::kChunk, 0, 0, 0, 0, "the label cannot be read", {}});
  return OkStatus();
}

void ForwardReader::ReleaseHeld() {
  for (const Damage& damage : held_) {
    if (damage.kind == DamageKind::kUnusedTail) {
      torn_ = true;
    } else {
      sink_.Damaged(damage);
    }
  }
  held_.clear();
}

// The writer of this session found the remains of a torn one and named them (format chapter 1.5).
void ForwardReader::DropHeldInGap(const StartRecord& start) {
  std::erase_if(held_, [&](const Damage& damage) {
    bool at_start = damage.unit == start.gap_first_unit + start.gap_units;
    return start.gap_units > 0 && damage.unit >= start.gap_first_unit &&
           (damage.unit < start.gap_first_unit + start.gap_units || at_start);
  });
}

void ForwardReader::Complain(DamageKind kind, const DecodedChunk& decoded, std::string text) {
  const BlockPlace& place = decoded.chunk.locator.block;
  sink_.Damaged(
      {kind, place.object, place.unit, 0, decoded.chunk.session_number, std::move(text), {}});
}

Status ForwardReader::TakeChunk(const DecodedChunk& decoded) {
  ++chunk_count_;
  const Chunk& chunk = decoded.chunk;
  if (options_.progress != nullptr) {
    options_.progress->volume_bytes = chunk.locator.block.unit * limits::kUnitBytes;
  }
  if (chunk.header.is(ChunkKind::kLabel)) {
    ReleaseHeld();
    if (chunk_count_ > 1) {
      Complain(DamageKind::kChunk, decoded, "a label stands behind other chunks");
    }
    Result<Label> label = decoded.failure.ok() ? DecodeLabel(decoded.raw.bytes) : decoded.failure;
    if (label.ok()) return sink_.VolumeLabel(*label);
    Complain(DamageKind::kChunk, decoded, "label: " + label.status().message());
    return OkStatus();
  }
  if (session_ && chunk.session_id != session_->id) {
    bool torn = IsTornBefore(decoded);
    // What cannot be read behind its last chunk was never written, or has been written over.
    if (torn) {
      held_.clear();
      postponed_.clear();
      session_->end.reset();
    }
    TAPIR_RETURN_IF_ERROR(CloseSession(torn));
  }
  if (chunk.session_id == passed_over_) return OkStatus();
  if (!session_) TAPIR_RETURN_IF_ERROR(OpenSession(decoded));
  // A session of which not even the START can be read may be a torn one.
  bool nothing_read = session_ && !session_->start && chunk.header.is(ChunkKind::kStart);
  if (!session_ || nothing_read) return OkStatus();
  session_->end_is_named |= chunk.section == static_cast<uint8_t>(BlockType::kEnd) &&
                            chunk.last_end.unit > session_->begin_place.unit;
  // What is not expanded may be as bad as its block.
  bool doubtful = !decoded.failure.ok() || (options_.decode.headers_only && chunk.in_damaged_block);
  if (doubtful && postponed_.size() < kMaxPostponedChunks) {
    postponed_.push_back(decoded);
    return OkStatus();
  }
  ReleaseHeld();
  TAPIR_RETURN_IF_ERROR(TakePostponed());
  if (chunk.session_number != session_->number) {
    Complain(DamageKind::kBlock, decoded,
             "its session has number " + std::to_string(session_->number) + " in other blocks");
  }
  return TakeInSession(decoded);
}

Status ForwardReader::OpenSession(const DecodedChunk& decoded) {
  const Chunk& chunk = decoded.chunk;
  if (options_.last_session != 0 && chunk.session_number > options_.last_session) {
    stopped_ = true;
    return OkStatus();
  }
  bool unsupported = (chunk.read_features & ~kKnownReadFeatures) != 0;
  if (unsupported || chunk.session_number < options_.first_session) {
    passed_over_ = chunk.session_id;
    held_.clear();
    if (unsupported) sink_.SessionUnsupported(chunk.session_number);
    return OkStatus();
  }
  session_.emplace();
  session_->id = chunk.session_id;
  session_->number = chunk.session_number;
  session_->begin_place = chunk.locator.block;
  in_data_ = true;
  bool with_start = chunk.header.is(ChunkKind::kStart) && decoded.failure.ok();
  if (with_start) {
    Result<StartRecord> start = DecodeStart(decoded.raw.bytes);
    if (start.ok() && IsOfThisSession(*start)) session_->start = *std::move(start);
  }
  if (session_->start) {
    DropHeldInGap(*session_->start);
    ReleaseHeld();
  } else {
    const BlockPlace& place = chunk.locator.block;
    held_.push_back({DamageKind::kSession,
                     place.object,
                     place.unit,
                     0,
                     chunk.session_number,
                     "the START of the session cannot be read",
                     {}});
  }
  TAPIR_RETURN_IF_ERROR(sink_.SessionBegin(*session_));
  MakeAssembler();
  return OkStatus();
}

// A record says itself what the headers of its blocks say.
template <typename Record>
bool ForwardReader::IsOfThisSession(const Record& record) const {
  return record.session_id == session_->id && record.session_number == session_->number;
}

void ForwardReader::MakeAssembler() {
  ObjectAssembler::Options assemble = options_.assemble;
  // Without START it is not known whether there are SHA-256 digests: they are computed then.
  assemble.with_sha256 = !session_->start || session_->start->with_sha256;
  assembler_.emplace(assemble, sink_);
}

Status ForwardReader::TakeInSession(const DecodedChunk& decoded) {
  const ChunkHeader& header = decoded.chunk.header;
  switch (static_cast<ChunkKind>(header.kind)) {
    case ChunkKind::kStart: return OkStatus();
    case ChunkKind::kRecords:
    case ChunkKind::kData:
    case ChunkKind::kPolicy:
      if (!options_.decode.headers_only) return assembler_->Take(decoded);
      ComplainOfMissing(decoded);
      if (!decoded.failure.ok()) {
        Complain(DamageKind::kChunk, decoded,
                 "chunk " + std::to_string(header.sequence) + ": " + decoded.failure.message());
      }
      return OkStatus();
    case ChunkKind::kLeaf:
    case ChunkKind::kInner:
    case ChunkKind::kLeafCopy:
    case ChunkKind::kInnerCopy:
      ComplainOfMissing(decoded);
      if (options_.decode.headers_only) return OkStatus();
      TAPIR_RETURN_IF_ERROR(EndData(std::nullopt));
      return sink_.IndexPage(*session_, decoded);
    case ChunkKind::kEnd: return TakeEnd(decoded);
    case ChunkKind::kLabel: return OkStatus();
  }
  if ((header.kind & kAncillaryChunkBit) == 0) {
    Complain(DamageKind::kUnsupported, decoded,
             "chunk kind " + std::to_string(header.kind) + " is not known");
  }
  return OkStatus();
}

void ForwardReader::ComplainOfMissing(const DecodedChunk& decoded) {
  if (decoded.chunk.missing_before == 0) return;
  Complain(DamageKind::kChunk, decoded,
           std::to_string(decoded.chunk.missing_before) + " chunks are missing before chunk " +
               std::to_string(decoded.chunk.header.sequence));
}

Status ForwardReader::EndData(std::optional<uint64_t> object_count) {
  if (!in_data_) return OkStatus();
  in_data_ = false;
  if (options_.decode.headers_only) return OkStatus();
  TAPIR_RETURN_IF_ERROR(assembler_->Finish(object_count));
  return sink_.DataEnd(*session_);
}

Status ForwardReader::TakeEnd(const DecodedChunk& decoded) {
  Result<EndRecord> end =
      decoded.failure.ok() ? DecodeEnd(decoded.raw.bytes) : Result<EndRecord>(decoded.failure);
  if (end.ok() && !IsOfThisSession(*end)) end = Corrupt("it names another session");
  ++session_->end_copies;
  ComplainOfMissing(decoded);
  if (!end.ok()) {
    Complain(DamageKind::kSession, decoded, "END: " + end.status().message());
    return OkStatus();
  }
  if (!HasRightLastEnd(decoded)) {
    Complain(DamageKind::kSession, decoded, "what its block names as the last END is another");
  }
  Digest128 digest = ComputeDigest128(decoded.raw.bytes);
  if (session_->end) {
    if (digest != session_->end_digest) {
      Complain(DamageKind::kSession, decoded, "the two copies of END differ");
    }
    return OkStatus();
  }
  TAPIR_RETURN_IF_ERROR(EndData(end->object_count));
  // Index pages may have ended the data before it was known how many objects there are.
  if (!options_.decode.headers_only) TAPIR_RETURN_IF_ERROR(assembler_->Finish(end->object_count));
  session_->end = *std::move(end);
  session_->end_digest = digest;
  session_->end_place = decoded.chunk.locator;
  return OkStatus();
}

// The place of the last END, which ends are found by, names the first copy in the second. If the
// first was met but could not be read, its place is not known.
bool ForwardReader::HasRightLastEnd(const DecodedChunk& end) const {
  const BlockPlace& named = end.chunk.last_end;
  if (session_->end) return named == session_->end_place.block;
  return session_->end_copies > 1 || !session_->start || named == session_->start->previous_end;
}

// A session without end is torn unless its own second END or the next session names it (format
// chapter 8.4). An end that lies in the gap of the next session became whole only when that one's
// writer filled up the last unit.
bool ForwardReader::IsTornBefore(const DecodedChunk& next) const {
  bool unended = !session_->end && !session_->end_is_named;
  if (!next.chunk.header.is(ChunkKind::kStart) || !next.failure.ok()) return unended;
  Result<StartRecord> start = DecodeStart(next.raw.bytes);
  if (!start.ok()) return unended;
  if (session_->end) {
    uint64_t unit = session_->end_place.block.unit;
    return unit >= start->gap_first_unit && unit - start->gap_first_unit < start->gap_units;
  }
  return unended && std::none_of(start->earlier.begin(), start->earlier.end(),
                                 [this](const SessionEntry& entry) {
                                   return entry.session_id == session_->id;
                                 });
}

Status ForwardReader::TakePostponed() {
  for (const DecodedChunk& decoded : std::exchange(postponed_, {})) {
    TAPIR_RETURN_IF_ERROR(TakeInSession(decoded));
  }
  return OkStatus();
}

Status ForwardReader::CloseSession(bool torn) {
  if (!session_) return OkStatus();
  TAPIR_RETURN_IF_ERROR(TakePostponed());
  if (torn) assembler_->Stop();
  TAPIR_RETURN_IF_ERROR(EndData(std::nullopt));
  TAPIR_RETURN_IF_ERROR(sink_.SessionEnd(*session_));
  bool was_last = options_.last_session != 0 && session_->number == options_.last_session;
  stopped_ = stopped_ || was_last;
  session_.reset();
  assembler_.reset();
  return OkStatus();
}

}  // namespace tapir
