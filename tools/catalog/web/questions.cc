#include "tools/catalog/web/questions.h"

#include <algorithm>
#include <limits>
#include <map>

#include "tapir/catalog/browse.h"
#include "tapir/catalog/reports.h"
#include "tools/catalog/web/objects.h"
#include "tools/escape.h"
#include "tools/shell_word.h"

namespace tapir::cli {

namespace {

using catalog::Inventory;
using catalog::Volume;
using SessionList = std::vector<const catalog::Session*>;

constexpr uint64_t kMostEntries = 1000;
constexpr uint32_t kMostSessionNumber = std::numeric_limits<uint32_t>::max();

/// The volumes of ?set=UUID.
Result<std::vector<const Volume*>> SetOf(const Inventory& inventory,
                                         const WebParameters& parameters) {
  const std::string uuid = parameters.Text("set");
  if (uuid.empty()) return InvalidArgument("no set is named");
  std::vector<const Volume*> volumes;
  for (const Volume& volume : inventory.volumes()) {
    if (volume.set_uuid == uuid) volumes.push_back(&volume);
  }
  if (volumes.empty()) return NotFound("no set " + Quoted(uuid) + " is in the catalogue");
  std::stable_sort(volumes.begin(), volumes.end(), [](const Volume* left, const Volume* right) {
    return left->sequence < right->sequence;
  });
  return volumes;
}

/// The sessions of ?set=UUID&session=N, all of them without a number.
Result<SessionList> SessionsOf(const Inventory& inventory, const WebParameters& parameters) {
  TAPIR_ASSIGN_OR_RETURN(const auto volumes, SetOf(inventory, parameters));
  TAPIR_ASSIGN_OR_RETURN(const auto number, parameters.Number("session", 1, kMostSessionNumber));
  SessionList sessions = inventory.SessionsOf(volumes);
  if (!number) return sessions;
  std::erase_if(sessions,
                [&](const catalog::Session* session) { return session->number != *number; });
  if (sessions.empty()) return NotFound("the set has no session " + std::to_string(*number));
  return sessions;
}

/// Of the sessions of a set, each number once, with all its parts.
Json SessionsOfSet(const Inventory& inventory, const std::vector<const Volume*>& volumes) {
  Json lines = Json::array();
  for (const catalog::Session* session : inventory.SessionsOf(volumes)) {
    if (!lines.empty() && lines.back()["number"] == session->number) {
      lines.back() = SessionLine(*session);
      continue;
    }
    lines.push_back(SessionLine(*session));
  }
  return lines;
}

/// By their labels, as the volumes are.
Json SetsOf(const CatalogView& view) {
  std::map<std::string_view, std::vector<const Volume*>> sets;
  std::vector<std::string_view> order;
  for (const VolumeFacts& facts : view.facts) {
    auto& volumes = sets[facts.volume->set_uuid];
    if (volumes.empty()) order.push_back(facts.volume->set_uuid);
    volumes.push_back(facts.volume);
  }
  Json lines = Json::array();
  for (const std::string_view uuid : order) {
    const std::vector<const Volume*>& volumes = sets[uuid];
    const Volume& first = *volumes.front();
    // A volume that is alone has its name; several have the label of the first.
    const std::string& name =
        volumes.size() == 1 || first.label.empty() ? view.names.Of(first) : first.label;
    lines.push_back(Json{{"uuid", uuid},
                         {"name", Escaped(name)},
                         {"volumes", volumes.size()},
                         {"sessions", SessionsOfSet(view.inventory, volumes)}});
  }
  return lines;
}

}  // namespace

Result<Json> AskCatalog(catalog::Store& store, const WebParameters& parameters) {
  TAPIR_RETURN_IF_ERROR(parameters.Check({}));
  TAPIR_ASSIGN_OR_RETURN(const auto view, CatalogView::Read(store));
  Json volumes = Json::array();
  for (const VolumeFacts& facts : view->facts) volumes.push_back(VolumeLine(*view, facts));
  return Json{{"catalog", SafeText(store.name())}, {"sets", SetsOf(*view)}, {"volumes", volumes}};
}

Result<Json> AskVolume(catalog::Store& store, const WebParameters& parameters) {
  TAPIR_RETURN_IF_ERROR(parameters.Check({"volume"}));
  TAPIR_ASSIGN_OR_RETURN(const auto view, CatalogView::Read(store));
  const auto facts = std::ranges::find(view->facts, parameters.Text("volume"),
                                       [](const VolumeFacts& one) { return one.volume->uuid; });
  if (facts == view->facts.end()) return NotFound("no such volume is in the catalogue");
  TAPIR_ASSIGN_OR_RETURN(const auto ranges,
                         catalog::MapVolume(store, view->inventory, *facts->volume));
  Json sessions = Json::array();
  for (const catalog::Session* session : facts->sessions) sessions.push_back(SessionLine(*session));
  Json verifications = Json::array();
  for (const catalog::Verification& verification : facts->verifications) {
    verifications.push_back(VerificationObject(verification));
  }
  Json notes = Json::array();
  for (const catalog::Note& note : facts->notes) {
    notes.push_back(Json{{"time", note.time.seconds}, {"text", Escaped(note.text)}});
  }
  return Json{{"volume", VolumeLine(*view, *facts)},
              {"sessions", sessions},
              {"verifications", verifications},
              {"notes", notes},
              {"picture", PictureObject(DrawVolume(*facts->volume, ranges))}};
}

Result<Json> AskList(catalog::Store& store, const WebParameters& parameters) {
  TAPIR_RETURN_IF_ERROR(parameters.Check({"set", "session", "path", "offset", "limit"}));
  constexpr uint64_t kAny = std::numeric_limits<uint32_t>::max();
  TAPIR_ASSIGN_OR_RETURN(const auto offset, parameters.Number("offset", 0, kAny));
  TAPIR_ASSIGN_OR_RETURN(const auto limit, parameters.Number("limit", 1, kMostEntries));
  TAPIR_ASSIGN_OR_RETURN(const std::string path, DecodeId(parameters.Text("path")));
  TAPIR_ASSIGN_OR_RETURN(const auto view, CatalogView::Read(store));
  TAPIR_ASSIGN_OR_RETURN(SessionList sessions, SessionsOf(view->inventory, parameters));
  catalog::State state(store, std::move(sessions));
  TAPIR_ASSIGN_OR_RETURN(const auto versions, state.List(path.empty() ? "." : path));
  const size_t begin = std::min<uint64_t>(offset.value_or(0), versions.size());
  const size_t end = std::min<uint64_t>(begin + limit.value_or(kMostEntries), versions.size());
  Json entries = Json::array();
  for (size_t i = begin; i < end; ++i) {
    entries.push_back(VersionObject(*view, versions[i]));
  }
  return Json{{"entries", entries}, {"offset", begin}, {"total", versions.size()}};
}

Result<Json> AskNeeds(catalog::Store& store, const WebParameters& parameters) {
  TAPIR_RETURN_IF_ERROR(parameters.Check({"set", "session"}, {"path"}));
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> paths, parameters.Ids("path"));
  if (paths.empty()) return InvalidArgument("no path is named");
  TAPIR_ASSIGN_OR_RETURN(const auto view, CatalogView::Read(store));
  TAPIR_ASSIGN_OR_RETURN(SessionList sessions, SessionsOf(view->inventory, parameters));
  std::vector<std::string> patterns;
  Json words = Json::array();
  for (const std::string& path : paths) {
    // The root is everything, which is what no pattern says.
    if (path.empty() || path == ".") {
      patterns.clear();
      words.clear();
      break;
    }
    patterns.push_back(PatternOfPath(path));
    words.push_back(ShellWord(patterns.back()));
  }
  TAPIR_ASSIGN_OR_RETURN(const catalog::Needs needs,
                         catalog::FindNeeds(store, view->inventory, std::move(sessions), patterns));
  Json object = NeedsObject(*view, needs);
  object["words"] = words;
  return object;
}

}  // namespace tapir::cli
