#include "jobs/session_manifest.h"

#include "bytes/codec.h"
#include "container/chunk_reader.h"
#include "object/record_parser.h"

namespace tapir {
namespace {

// The manifest among the records of a chunk.
Result<std::optional<PolicyManifest>> ManifestIn(const Chunk& chunk) {
  Decompressor decompressor;
  TAPIR_ASSIGN_OR_RETURN(const RawChunk raw, ExpandChunk(chunk, decompressor));
  const ParsedChunk parsed = ParseRecords(raw, {});
  for (const ParsedRecord& record : parsed.records) {
    if (!record.is(ItemType::kPolicyManifest)) continue;
    TAPIR_ASSIGN_OR_RETURN(PolicyManifest manifest, DecodePolicyManifest(AsText(record.bytes)));
    return std::optional(std::move(manifest));
  }
  if (!parsed.damages.empty()) return Corrupt(parsed.damages.front().text);
  return std::optional<PolicyManifest>();
}

}  // namespace

Result<std::optional<PolicyManifest>> ReadManifest(OpenedVolume& volume,
                                                   const SessionPlace& place) {
  if (!volume.state || place.elsewhere != 0) return std::optional<PolicyManifest>();
  ChunkReader chunks(*volume.device, ReaderOptions(volume.state->label));
  TAPIR_RETURN_IF_ERROR(chunks.Seek(place.begin));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(const ChunkEvent event, chunks.Next());
    if (event.kind == ChunkEvent::Kind::kEnd) return std::optional<PolicyManifest>();
    const bool is_of_session =
        event.kind == ChunkEvent::Kind::kChunk && event.chunk.session_number == place.number;
    if (!is_of_session || event.chunk.header.is(ChunkKind::kStart)) continue;
    if (!event.chunk.header.is(ChunkKind::kPolicy)) return std::optional<PolicyManifest>();
    TAPIR_ASSIGN_OR_RETURN(std::optional<PolicyManifest> found, ManifestIn(event.chunk));
    if (found) return found;
  }
}

}  // namespace tapir
