#include "object/decoded_reader.h"

#include <memory>
#include <utility>

#include "object/thread_compressor.h"

namespace tapir {
namespace {

// What the writer of this project makes at most; larger ones get memory of their own.
constexpr size_t kUsualChunkBytes = 4u << 20;
// Enough to keep the reading thread busy while the others wait for each other.
constexpr size_t kChunksAhead = 6;

bool IsControl(const ChunkHeader& header) {
  return header.is(ChunkKind::kLabel) || header.is(ChunkKind::kStart) || header.is(ChunkKind::kEnd);
}

/// Whether only the header is looked at. The checksum of a block leaves out the data of an aligned
/// chunk, which is its own (chapter 2.5): such chunks are checked always.
bool IsPassedOver(const ChunkHeader& header, const DecodedReader::Options& options) {
  return options.headers_only && !IsControl(header) && !header.aligned();
}

void Decode(DecodedChunk& decoded, const DecodedReader::Options& options, BufferPool& buffers) {
  if (IsPassedOver(decoded.chunk.header, options)) {
    decoded.chunk.pieces.clear();
    return;
  }
  Result<RawChunk> raw = ExpandChunk(decoded.chunk, ThreadDecompressor(), &buffers);
  decoded.chunk.pieces.clear();
  if (!raw.ok()) {
    decoded.failure = std::move(raw).status();
    return;
  }
  decoded.raw = *std::move(raw);
  const ChunkHeader& header = decoded.chunk.header;
  if (header.is(ChunkKind::kRecords) || header.is(ChunkKind::kPolicy)) {
    decoded.parsed = ParseRecords(decoded.raw, options.parse);
  }
}

void CheckBodies(const std::vector<std::shared_ptr<const Block>>& blocks,
                 std::vector<Damage>& damages) {
  for (const auto& block : blocks) {
    bool intact = BlockBodyIntact(block->header, block->bytes);
    if (!intact) damages.push_back(BodyDamage(block->header));
  }
}

}  // namespace

DecodedReader::DecodedReader(NextChunk next_chunk, ThreadPool* pool, const Options& options)
    : next_chunk_(std::move(next_chunk)),
      options_(options),
      buffers_(kUsualChunkBytes),
      reading_thread_(pool != nullptr && options.read_ahead ? std::make_unique<ThreadPool>(1)
                                                            : nullptr),
      read_(reading_thread_.get(), {kChunksAhead, SIZE_MAX},
            [this] { return OrderedWork<ReadChunk>::Job{[this] { return Read(); }}; }),
      work_(pool, {options.window_jobs, options.window_bytes}, [this] { return NextJob(); }) {}

// Jobs that were submitted before the end was met find it again.
DecodedReader::ReadChunk DecodedReader::Read() {
  ReadChunk read{ChunkEvent{}, {}};
  while (!read_to_end_) {
    read.event = next_chunk_();
    read_to_end_ = !read.event.ok() || read.event->kind == ChunkEvent::Kind::kEnd;
    if (read_to_end_ || read.event->kind != ChunkEvent::Kind::kBlock) break;
    read.blocks.push_back(std::move(read.event->block));
  }
  return read;
}

std::optional<OrderedWork<DecodedChunk>::Job> DecodedReader::NextJob() {
  if (at_end_) return std::nullopt;
  std::optional<ReadChunk> read = read_.Next();
  Result<ChunkEvent>& event = read->event;
  if (!event.ok()) {
    failure_ = std::move(event).status();
    at_end_ = true;
    return std::nullopt;
  }
  auto decoded = std::make_shared<DecodedChunk>();
  decoded->kind = event->kind;
  decoded->damage = std::move(event->damage);
  decoded->chunk = std::move(event->chunk);
  at_end_ = decoded->kind == ChunkEvent::Kind::kEnd;
  size_t cost = size_t{decoded->chunk.header.raw_bytes} + decoded->chunk.header.stored_bytes;
  return OrderedWork<DecodedChunk>::Job{[decoded, blocks = std::move(read->blocks), this] {
                                          CheckBodies(blocks, decoded->before);
                                          if (decoded->kind == ChunkEvent::Kind::kChunk) {
                                            Decode(*decoded, options_, buffers_);
                                          }
                                          return std::move(*decoded);
                                        },
                                        cost};
}

Result<std::optional<DecodedChunk>> DecodedReader::Next() {
  std::optional<DecodedChunk> decoded = work_.Next();
  if (!decoded && !failure_.ok()) return failure_;
  return decoded;
}

}  // namespace tapir
