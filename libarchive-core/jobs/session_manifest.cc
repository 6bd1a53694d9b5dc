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

// Of the last session that has one.
std::optional<PolicyManifest> LastManifest(OpenedSet& volumes,
                                           const std::vector<SessionPlace>& places,
                                           std::vector<Damage>& damages) {
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    if (place->ended && !place->ended->has_policy) continue;
    Result<std::optional<PolicyManifest>> found = ReadManifest(volumes[place->volume], *place);
    if (!found.ok()) {
      damages.push_back(ManifestDamage(*place, found.status()));
    } else if (*found) {
      return *std::move(found);
    }
  }
  return std::nullopt;
}

}  // namespace

Damage ManifestDamage(const SessionPlace& place, const Status& failure) {
  return {DamageKind::kRecord,
          place.begin.object,
          place.begin.unit,
          0,
          place.number,
          "the policy of session " + std::to_string(place.number) +
              " cannot be read: " + failure.message(),
          {}};
}

std::optional<PathPolicy> FindPolicy(OpenedSet& volumes, const std::vector<SessionPlace>& places,
                                     const Selection& selection, std::vector<Damage>& damages) {
  if (selection.policy_use == PolicyUse::kNone) return std::nullopt;
  const bool given = selection.policy_use == PolicyUse::kGiven;
  if (given && !selection.policy.drives.empty()) return PathPolicy(selection.policy);
  std::optional<PolicyManifest> last = LastManifest(volumes, places, damages);
  if (!given) return last ? std::optional<PathPolicy>(*last) : std::nullopt;
  return PathPolicy(OnDrivesOf(selection.policy, last));
}

PolicyManifest OnDrivesOf(PolicyManifest policy, const std::optional<PolicyManifest>& other) {
  if (!policy.drives.empty()) return policy;
  if (other) policy.drives = other->drives;
  if (policy.drives.empty()) policy.drives.push_back({u'C', ".", "."});
  return policy;
}

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
