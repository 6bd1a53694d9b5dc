#include "object/load_jobs.h"

#include <algorithm>
#include <cstring>

#include "bytes/codec.h"
#include "container/format.h"
#include "object/thread_compressor.h"

namespace tapir {
namespace {

// A file that grew after it was listed is still read whole up to this size.
constexpr uint64_t kGrownBytes = 16u << 20;

Result<size_t> ReadFully(SourceObject& object, uint32_t stream, uint64_t offset,
                         std::span<std::byte> buffer) {
  size_t done = 0;
  while (done < buffer.size()) {
    TAPIR_ASSIGN_OR_RETURN(size_t got,
                           object.ReadStreamAt(stream, offset + done, buffer.subspan(done)));
    if (got == 0) break;
    done += got;
  }
  return done;
}

StreamDigester::Digests DigestOf(ByteSpan bytes, bool with_sha256) {
  StreamDigester::Digests digests;
  if (!with_sha256) {
    digests.xxh128 = ComputeDigest128(bytes);
    return digests;
  }
  thread_local StreamDigester digester(true);
  digester.Reset();
  digester.Update(bytes);
  return digester.Finish();
}

// Contents into `space`, or into memory of their own if the file grew since it was listed.
void ReadContents(LoadedObject& object, std::span<std::byte> space, bool with_sha256) {
  uint64_t size = object.metadata.size;
  if (size > space.size()) {
    if (size <= kGrownBytes) {
      object.memory = std::make_shared<AlignedBuffer>(static_cast<size_t>(size));
      space = object.memory->span();
    } else {
      object.status = ObjectStatus::kChanged;
    }
  }
  space = space.first(static_cast<size_t>(std::min<uint64_t>(size, space.size())));
  Result<size_t> got = ReadFully(*object.item.object, 0, 0, space);
  if (!got.ok()) {
    object.status = ObjectStatus::kUnreadable;
    object.warnings.push_back("cannot be read: " + got.status().message());
    space = {};
  } else if (*got < space.size()) {
    object.status = ObjectStatus::kShort;
    space = space.first(*got);
  }
  object.contents = space;
  object.digests = DigestOf(space, with_sha256);
}

void LoadInto(LoadedObject& object, std::span<std::byte> space, bool with_sha256) {
  if (!object.failure.ok()) return;
  object.failure = object.item.object->Open(object.metadata, object.warnings);
  if (!object.failure.ok()) return;
  bool regular = object.metadata.type == ObjectType::kRegular && !object.primary_index &&
                 !object.metadata.excluded_by;
  if (regular) ReadContents(object, space, with_sha256);
  ObjectStatus state = object.item.object->Close();
  if (regular && object.status == ObjectStatus::kOk) object.status = state;
}

// Whether the range reads the same in the file compared with.
bool EqualsCandidate(const LoadedPiece& piece, ByteSpan bytes, std::span<std::byte> scratch) {
  std::span<std::byte> other = scratch.first(bytes.size());
  Result<size_t> got = ReadFully(*piece.object->compare->object, 0, piece.offset_bytes, other);
  return got.ok() && *got == bytes.size() &&
         std::memcmp(bytes.data(), other.data(), bytes.size()) == 0;
}

// Without compression the data goes straight to where an aligned block has it.
void ReadIntoParts(LoadContext& context, LoadedPiece& piece) {
  size_t done = 0;
  while (done < piece.wanted_bytes) {
    AlignedPart part;
    part.block = context.blocks().Take();
    size_t wanted = std::min<size_t>(piece.wanted_bytes - done, context.aligned_data_bytes());
    std::span<std::byte> data = part.block->span().subspan(kAlignedDataOffset, wanted);
    Result<size_t> got =
        ReadFully(*piece.object->item.object, piece.stream.number, piece.offset_bytes + done, data);
    if (!got.ok()) {
      piece.failure = std::move(got).status();
      break;
    }
    if (*got > 0) {
      part.data_bytes = static_cast<uint32_t>(*got);
      part.checksum = Checksum64(data.first(*got));
      piece.parts.push_back(std::move(part));
    }
    done += *got;
    if (*got < wanted) break;
  }
  piece.bytes = done;
}

void ReadContiguous(LoadContext& context, LoadedPiece& piece) {
  piece.contiguous = context.pieces().Take();
  std::span<std::byte> data = piece.contiguous->span().first(piece.wanted_bytes);
  Result<size_t> got =
      ReadFully(*piece.object->item.object, piece.stream.number, piece.offset_bytes, data);
  if (got.ok()) {
    piece.bytes = *got;
  } else {
    piece.failure = std::move(got).status();
  }
}

void SplitIntoParts(LoadContext& context, LoadedPiece& piece) {
  ByteSpan rest = ByteSpan(piece.contiguous->span()).first(piece.bytes);
  while (!rest.empty()) {
    AlignedPart part;
    part.block = context.blocks().Take();
    ByteSpan data = rest.first(std::min<size_t>(rest.size(), context.aligned_data_bytes()));
    std::memcpy(part.block->data() + kAlignedDataOffset, data.data(), data.size());
    part.data_bytes = static_cast<uint32_t>(data.size());
    part.checksum = Checksum64(data);
    piece.parts.push_back(std::move(part));
    rest = rest.subspan(data.size());
  }
}

}  // namespace

LoadContext::LoadContext(const SessionOptions& options, uint32_t aligned_data_bytes,
                         size_t piece_bytes, size_t batch_bytes)
    : options_(options),
      aligned_data_bytes_(aligned_data_bytes),
      blocks_(size_t{aligned_data_bytes} + kAlignedDataOffset),
      pieces_(piece_bytes),
      batches_(batch_bytes) {}

size_t LoadContext::piece_cost_bytes() const { return 2 * pieces_.buffer_bytes(); }

LoadedBatch LoadBatch(LoadContext& context, std::vector<LoadedObject> objects) {
  LoadedBatch batch;
  batch.objects = std::move(objects);
  std::shared_ptr<AlignedBuffer> arena = context.batches().Take();
  size_t used = 0;
  for (LoadedObject& object : batch.objects) {
    bool has_contents = object.item.type == ObjectType::kRegular && !object.primary_index;
    size_t reserved = has_contents ? static_cast<size_t>(object.item.identity.size) : 0;
    reserved = std::min(reserved, arena->size() - used);
    if (reserved > 0) object.memory = arena;
    LoadInto(object, arena->span().subspan(used, reserved), context.options().with_sha256);
    used += reserved;
    if (!object.primary_index) object.item.object.reset();
  }
  return batch;
}

void LoadObject(LoadContext& context, LoadedObject& object) {
  LoadInto(object, {}, context.options().with_sha256);
  bool too_large = object.failure.ok() && object.metadata.size > kGrownBytes &&
                   object.metadata.type == ObjectType::kRegular;
  if (too_large) object.failure = NotFound("its first name vanished while it was read");
}

void LayOutPiece(LoadContext& context, LoadedPiece& piece) {
  ByteSpan bytes = ByteSpan(piece.contiguous->span()).first(piece.bytes);
  int level = context.options().zstd_level;
  if (level > 0 && !bytes.empty() && !piece.stream.incompressible) {
    Compressor& compressor = ThreadCompressor(level);
    if (compressor.LooksCompressible(bytes)) {
      Result<bool> smaller = compressor.Compress(bytes, piece.compressed);
      if (!smaller.ok() || !*smaller) piece.compressed.clear();
      piece.checksum = Checksum64(bytes);
    }
  }
  if (piece.compressed.empty()) SplitIntoParts(context, piece);
}

void LoadPiece(LoadContext& context, LoadedPiece& piece) {
  if (!piece.failure.ok() || piece.wanted_bytes == 0) return;
  bool stored = context.options().zstd_level == 0 || piece.stream.incompressible;
  if (stored && !piece.compare) return ReadIntoParts(context, piece);
  ReadContiguous(context, piece);
  if (piece.compare) {
    std::shared_ptr<AlignedBuffer> scratch = context.pieces().Take();
    ByteSpan bytes = ByteSpan(piece.contiguous->span()).first(piece.bytes);
    piece.equal = EqualsCandidate(piece, bytes, scratch->span());
    if (piece.equal) return;
  }
  LayOutPiece(context, piece);
}

}  // namespace tapir
