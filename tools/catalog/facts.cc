#include "tools/catalog/facts.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "tapir/jobs/verify_job.h"
#include "tools/damage_text.h"
#include "tools/session_json.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

using catalog::Note;
using catalog::Session;
using catalog::Verification;
using catalog::Volume;

constexpr std::string_view kWholeVolume = "volume";

Json VerificationAsObject(const Verification& verification) {
  Json object{{"time", FormatUtcTime(verification.time)},
              {"level", verification.level},
              {"coverage", verification.coverage},
              {"verdict", verification.verdict},
              {"blocks", verification.blocks},
              {"objects", verification.objects},
              {"proven_bytes", verification.proven_bytes},
              {"damages", verification.damage_count}};
  object["faults"] = Json::array();
  for (const Damage& damage : verification.damages) {
    object["faults"].push_back(DamageAsObject(damage));
  }
  return object;
}

Json SessionAsObjectOfCatalog(const Session& session) {
  Json object = SessionFactsAsObject(session);
  object["index_unit"] = session.index_unit;
  object["end_unit"] = session.end_unit;
  object["from_records"] = session.from_records;
  return object;
}

}  // namespace

std::optional<uint64_t> VolumeFacts::FreeBytes() const {
  if (!volume->capacity_bytes) return std::nullopt;
  return *volume->capacity_bytes - std::min(*volume->capacity_bytes, volume->used_bytes);
}

const Verification* VolumeFacts::LastWhole() const {
  const auto whole = std::find_if(
      verifications.rbegin(), verifications.rend(),
      [](const Verification& verification) { return verification.coverage == kWholeVolume; });
  return whole == verifications.rend() ? nullptr : &*whole;
}

std::string VolumeFacts::Health() const {
  const std::string intact(VerdictName(Verdict::kIntact));
  for (auto last = verifications.rbegin(); last != verifications.rend(); ++last) {
    if (last->coverage == kWholeVolume || last->verdict != intact) return last->verdict;
  }
  return "unverified";
}

uint64_t VolumeFacts::SessionsSince() const {
  const Verification* whole = LastWhole();
  if (whole == nullptr) return 0;
  return static_cast<uint64_t>(std::ranges::count_if(
      sessions, [&](const Session* session) { return session->end > whole->time; }));
}

Result<std::vector<VolumeFacts>> ReadVolumeFacts(catalog::Store& store,
                                                 const catalog::Inventory& inventory) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<Note> notes, store.Notes());
  TAPIR_ASSIGN_OR_RETURN(std::vector<Verification> verifications, store.Verifications());
  std::map<catalog::VolumeKey, VolumeFacts> facts;
  for (const Volume& volume : inventory.volumes()) {
    facts[volume.key].volume = &volume;
    facts[volume.key].sessions = inventory.SessionsOf(volume.key);
  }
  // What another program has added since the inventory was read is passed over.
  for (Note& note : notes) {
    const auto found = facts.find(note.volume);
    if (found != facts.end()) found->second.notes.push_back(std::move(note));
  }
  for (Verification& verification : verifications) {
    const auto found = facts.find(verification.volume);
    if (found != facts.end()) found->second.verifications.push_back(std::move(verification));
  }
  std::vector<VolumeFacts> sorted;
  for (auto& [key, of_volume] : facts) sorted.push_back(std::move(of_volume));
  std::ranges::stable_sort(sorted, {}, [](const VolumeFacts& one) {
    return std::tie(one.volume->label, one.volume->set_uuid, one.volume->sequence);
  });
  return sorted;
}

Json FactsAsObject(const VolumeFacts& facts, const OpenedCatalog& opened) {
  const Volume& volume = *facts.volume;
  Json object;
  PutName(object, "volume", opened.names.Of(volume));
  PutName(object, "label", volume.label);
  object["uuid"] = volume.uuid;
  object["set_uuid"] = volume.set_uuid;
  object["volume_sequence"] = volume.sequence;
  PutName(object, "location", volume.location);
  PutName(object, "address", volume.address);
  object["created"] = FormatUtcTime(volume.created);
  object["updated"] = FormatUtcTime(volume.updated);
  object["writer"] = volume.writer;
  object["used_bytes"] = volume.used_bytes;
  object["capacity_bytes"] = volume.capacity_bytes ? Json(*volume.capacity_bytes) : Json();
  object["free_bytes"] = facts.FreeBytes() ? Json(*facts.FreeBytes()) : Json();
  object["health"] = facts.Health();
  object["sessions_since"] = facts.SessionsSince();
  object["last_verified"] =
      facts.verifications.empty() ? Json() : Json(FormatUtcTime(facts.verifications.back().time));
  for (const char* list : {"sessions", "verifications", "notes"}) object[list] = Json::array();
  for (const Session* session : facts.sessions) {
    object["sessions"].push_back(SessionAsObjectOfCatalog(*session));
  }
  for (const Verification& verification : facts.verifications) {
    object["verifications"].push_back(VerificationAsObject(verification));
  }
  for (const Note& note : facts.notes) {
    Json written{{"time", FormatUtcTime(note.time)}};
    PutName(written, "text", note.text);
    object["notes"].push_back(std::move(written));
  }
  return object;
}

}  // namespace tapir::cli
