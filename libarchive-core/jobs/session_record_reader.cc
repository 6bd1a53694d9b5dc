#include "jobs/session_record_reader.h"

namespace tapir {
namespace {

DecodedReader::Options DecodeOptions() {
  DecodedReader::Options options;
  options.parse.check_digests = false;
  return options;
}

ObjectAssembler::Options AssembleOptions() {
  ObjectAssembler::Options options;
  options.complete = options.check_digests = false;
  return options;
}

}  // namespace

SessionRecordReader::SessionRecordReader(BlockDevice& device, const Label& label,
                                         const SessionPlace& session, const Options& options,
                                         ObjectSink& sink)
    : session_(session),
      options_(options),
      sink_(sink),
      chunks_(device, ReaderOptions(label)),
      decoded_([this] { return NextWanted(); }, options.pool, DecodeOptions()),
      assembler_(AssembleOptions(), sink) {}

// Passes over what belongs to other sessions and chunks without wanted objects; turns the first
// chunk behind the data into the end.
Result<ChunkEvent> SessionRecordReader::NextWanted() {
  if (!started_) TAPIR_RETURN_IF_ERROR(chunks_.Seek(session_.begin));
  started_ = true;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks_.Next());
    if (event.kind != ChunkEvent::Kind::kChunk) return event;
    const Chunk& chunk = event.chunk;
    if (chunk.session_number > session_.number) return ChunkEvent{};
    if (chunk.session_id != session_.id) continue;
    bool behind_data = chunk.section == static_cast<uint8_t>(BlockType::kIndex) ||
                       chunk.section == static_cast<uint8_t>(BlockType::kEnd);
    if (behind_data) return ChunkEvent{};
    if (chunk.section != static_cast<uint8_t>(BlockType::kData)) continue;
    const ChunkHeader& header = chunk.header;
    bool wanted = !options_.wants || options_.wants(header.first_object, header.object_count) ||
                  header.object_count == 0;
    if (wanted) return event;
  }
}

Result<bool> SessionRecordReader::Step() {
  TAPIR_ASSIGN_OR_RETURN(std::optional<DecodedChunk> decoded, decoded_.Next());
  if (!decoded || decoded->kind == ChunkEvent::Kind::kEnd) {
    TAPIR_RETURN_IF_ERROR(assembler_.Finish(std::nullopt));
    return false;
  }
  if (decoded->kind == ChunkEvent::Kind::kDamage) sink_.Damaged(decoded->damage);
  if (decoded->kind == ChunkEvent::Kind::kChunk) TAPIR_RETURN_IF_ERROR(assembler_.Take(*decoded));
  return true;
}

}  // namespace tapir
