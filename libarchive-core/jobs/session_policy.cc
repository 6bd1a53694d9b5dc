#include "tapir/jobs/session_policy.h"

#include <utility>

#include "jobs/session_finding.h"
#include "jobs/session_manifest.h"
#include "jobs/volume_set.h"

namespace tapir {
namespace {

// Of sessions without END nobody counted.
std::vector<RuleOutcome> OutcomesOf(OpenedVolume& volume, const SessionPlace& place) {
  std::vector<RuleOutcome> outcomes;
  if (!place.ended) return outcomes;
  const Result<FoundEnd> end = ReadEnd(*volume.device, volume.state->label, *place.ended);
  if (!end.ok()) return outcomes;
  for (const LeftOutCount& count : end->record.left_out) {
    outcomes.push_back({count.rule, count.objects, count.bytes});
  }
  return outcomes;
}

}  // namespace

Result<std::vector<SessionPolicy>> ReadPolicies(const std::string& volume,
                                                const Selection& selection,
                                                std::vector<Damage>& damages) {
  TAPIR_ASSIGN_OR_RETURN(OpenedSet set, OpenSetToRead(volume, selection.next_volumes));
  if (!set.back().state) {
    return Unsupported(volume + ": policies are not looked up in a stream");
  }
  TAPIR_ASSIGN_OR_RETURN(const ChosenSessions chosen,
                         FindSessions(set, selection, OtherVolumes::kLeftOut, damages));
  std::vector<SessionPolicy> policies;
  for (const SessionPlace& place : chosen.places) {
    if (place.ended && !place.ended->has_policy) continue;
    OpenedVolume& opened = set[place.volume];
    Result<std::optional<PolicyManifest>> manifest = ReadManifest(opened, place);
    if (!manifest.ok()) {
      damages.push_back(ManifestDamage(place, manifest.status()));
      continue;
    }
    if (!*manifest) continue;
    policies.push_back({place.number, **std::move(manifest), OutcomesOf(opened, place)});
  }
  return policies;
}

}  // namespace tapir
